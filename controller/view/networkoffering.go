package view

import (
	"maps"
	"slices"

	"github.com/cairn-kvm/cairn/controller/resource"
)

// NetworkOffering is CloudStack's network offering object.
type NetworkOffering struct {
	ID              resource.NetworkOfferingID `json:"id" doc:"the id of the offering"`
	Name            string                     `json:"name" doc:"its name"`
	DisplayText     string                     `json:"displaytext" doc:"more about it"`
	State           string                     `json:"state" doc:"Enabled or Disabled: whether networks can be made of it"`
	GuestIPType     resource.GuestType         `json:"guestiptype" doc:"the type of its networks: Shared or L2"`
	TrafficType     string                     `json:"traffictype" doc:"Guest"`
	Availability    string                     `json:"availability" doc:"Optional or Required"`
	SpecifyVLAN     bool                       `json:"specifyvlan" doc:"whether root says the VLAN of a network"`
	SpecifyIPRanges bool                       `json:"specifyipranges" doc:"whether a network is made with its addresses"`
	ConserveMode    bool                       `json:"conservemode" doc:"whether services may share an address"`
	Persistent      bool                       `json:"ispersistent" doc:"whether a network stands without VMs"`
	Default         bool                       `json:"isdefault" doc:"false"`
	ForVPC          bool                       `json:"forvpc" doc:"false"`
	Service         []Service                  `json:"service" doc:"what its networks provide"`
	Created         Date                       `json:"created" doc:"when it was made"`
}

// ObjectName is CloudStack's.
func (NetworkOffering) ObjectName() string { return "networkoffering" }

// Service is something that a network provides.
type Service struct {
	Name       string              `json:"name" doc:"its name"`
	Provider   []ServiceProvider   `json:"provider" doc:"what provides it"`
	Capability []ServiceCapability `json:"capability" doc:"none"`
}

// ServiceProvider is what provides a service.
type ServiceProvider struct {
	Name string `json:"name" doc:"its name"`
}

// ServiceCapability is a choice that a service has.
type ServiceCapability struct {
	Name  string `json:"name" doc:"its name"`
	Value string `json:"value" doc:"its value"`
}

// OfferingState is the word for whether networks can be made of an offering.
func OfferingState(enabled bool) string {
	if enabled {
		return "Enabled"
	}
	return "Disabled"
}

// NetworkOfferingOf shows an offering.
func NetworkOfferingOf(o *resource.NetworkOffering) NetworkOffering {
	return NetworkOffering{
		ID: o.ID, Name: o.Name, DisplayText: o.DisplayText, State: OfferingState(o.Enabled),
		GuestIPType: o.GuestType, TrafficType: o.TrafficType, Availability: o.Availability,
		SpecifyVLAN: o.SpecifyVLAN, SpecifyIPRanges: o.SpecifyIPRanges, ConserveMode: o.ConserveMode, Persistent: o.Persistent,
		Service: services(o), Created: At(o.Created),
	}
}

// services are in the order of their names.
func services(o *resource.NetworkOffering) []Service {
	list := []Service{}
	for _, name := range slices.Sorted(maps.Keys(o.Providers)) {
		service := Service{Name: name, Provider: []ServiceProvider{}, Capability: []ServiceCapability{}}
		if provider := o.Providers[name]; provider != "" {
			service.Provider = append(service.Provider, ServiceProvider{provider})
		}
		list = append(list, service)
	}
	return list
}
