package view

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Network is CloudStack's network object.
type Network struct {
	ID                   resource.NetworkID         `json:"id" doc:"the id of the network"`
	Name                 string                     `json:"name" doc:"its name"`
	DisplayText          string                     `json:"displaytext" doc:"more about it"`
	Type                 resource.GuestType         `json:"type" doc:"Shared, with addresses to give out, or L2, without"`
	State                string                     `json:"state" doc:"Setup for Shared, Implemented for L2"`
	TrafficType          string                     `json:"traffictype" doc:"Guest"`
	BroadcastDomainType  string                     `json:"broadcastdomaintype" doc:"Vlan where root said the VLAN, else Native"`
	BroadcastURI         string                     `json:"broadcasturi,omitempty" doc:"the VLAN; for root"`
	VLAN                 string                     `json:"vlan,omitempty" doc:"the VLAN; for root"`
	Gateway              string                     `json:"gateway,omitempty" doc:"the gateway"`
	Netmask              string                     `json:"netmask,omitempty" doc:"the netmask"`
	CIDR                 string                     `json:"cidr,omitempty" doc:"the subnet"`
	IP6Gateway           string                     `json:"ip6gateway,omitempty" doc:"the IPv6 gateway"`
	IP6CIDR              string                     `json:"ip6cidr,omitempty" doc:"the IPv6 subnet"`
	DNS1                 string                     `json:"dns1,omitempty" doc:"the first DNS server of its guests"`
	DNS2                 string                     `json:"dns2,omitempty" doc:"the second one"`
	MTU                  int                        `json:"privatemtu,omitempty" doc:"the largest packet"`
	ZoneID               resource.ZoneID            `json:"zoneid" doc:"the zone it is in"`
	ZoneName             string                     `json:"zonename" doc:"the name of the zone"`
	OfferingID           resource.NetworkOfferingID `json:"networkofferingid" doc:"the offering it was made of"`
	OfferingName         string                     `json:"networkofferingname" doc:"the name of the offering"`
	OfferingDisplayText  string                     `json:"networkofferingdisplaytext" doc:"more about the offering"`
	OfferingAvailability string                     `json:"networkofferingavailability" doc:"Optional or Required"`
	OfferingConserveMode bool                       `json:"networkofferingconservemode" doc:"whether services may share an address"`
	SpecifyVLAN          bool                       `json:"specifyvlan" doc:"whether root says the VLAN"`
	SpecifyIPRanges      bool                       `json:"specifyipranges" doc:"whether it was made with its addresses"`
	Persistent           bool                       `json:"ispersistent" doc:"whether it stands without VMs"`
	ACLType              string                     `json:"acltype" doc:"Account: its owner uses it; Domain: everybody does"`
	SubdomainAccess      *bool                      `json:"subdomainaccess,omitempty" doc:"true where acltype is Domain"`
	CanUseForDeploy      bool                       `json:"canusefordeploy" doc:"true"`
	Display              bool                       `json:"displaynetwork" doc:"true"`
	IsDefault            bool                       `json:"isdefault" doc:"false"`
	IsSystem             bool                       `json:"issystem" doc:"false"`
	RestartRequired      bool                       `json:"restartrequired" doc:"false"`
	RedundantRouter      bool                       `json:"redundantrouter" doc:"false"`
	StretchedL2          bool                       `json:"strechedl2subnet" doc:"false"`
	Service              []Service                  `json:"service" doc:"what it provides"`
	Tags                 []struct{}                 `json:"tags" doc:"its tags"`
	Related              resource.NetworkID         `json:"related" doc:"its own id"`
	Created              Date                       `json:"created" doc:"when it was made"`
	Owner
	DomainPath string `json:"domainpath,omitempty" doc:"the path of the domain of its owner"`
}

// ObjectName is CloudStack's.
func (Network) ObjectName() string { return "network" }

// Networks shows networks to the caller.
func Networks(ctx context.Context, s *store.Store, rows []resource.Network) ([]Network, error) {
	zones, err := store.ByID(ctx, s, distinct(rows, func(n *resource.Network) resource.ZoneID { return n.ZoneID }),
		func(z *resource.Zone) resource.ZoneID { return z.ID })
	if err != nil {
		return nil, err
	}
	offerings, err := store.ByID(ctx, s, distinct(rows, func(n *resource.Network) resource.NetworkOfferingID { return n.OfferingID }),
		func(o *resource.NetworkOffering) resource.NetworkOfferingID { return o.ID })
	if err != nil {
		return nil, err
	}
	of, err := ownersOf(ctx, s, rows, func(n *resource.Network) resource.Owner { return n.Owner })
	if err != nil {
		return nil, err
	}
	root := access.From(ctx).Root()
	views := make([]Network, len(rows))
	for i := range rows {
		n := &rows[i]
		v := networkOf(n, root)
		v.Owner, v.DomainPath = of.show(n.Owner), of.path(n.Owner)
		v.zone(zones[n.ZoneID])
		v.offering(offerings[n.OfferingID])
		views[i] = v
	}
	return views, nil
}

// NetworkOf shows one network.
func NetworkOf(ctx context.Context, s *store.Store, row *resource.Network) (Network, error) {
	return one(ctx, s, row, Networks)
}

func networkOf(n *resource.Network, root bool) Network {
	v := Network{
		ID: n.ID, Name: n.Name, DisplayText: n.DisplayText, Type: n.GuestType, State: "Implemented",
		TrafficType: "Guest", BroadcastDomainType: "Native", ZoneID: n.ZoneID, OfferingID: n.OfferingID,
		Gateway: n.Gateway, Netmask: n.Netmask, CIDR: cidr(n.Gateway, n.Netmask), IP6Gateway: n.IP6Gateway, IP6CIDR: n.IP6CIDR,
		DNS1: n.DNS1, DNS2: n.DNS2, MTU: n.MTU, ACLType: n.ACLType, CanUseForDeploy: true, Display: true,
		Service: []Service{}, Tags: []struct{}{}, Related: n.ID, Created: At(n.Created),
	}
	if n.GuestType == resource.Shared {
		v.State = "Setup"
	}
	if n.ACLType == resource.ACLDomain {
		yes := true
		v.SubdomainAccess = &yes
	}
	if n.VLAN != "" {
		v.BroadcastDomainType = "Vlan"
		if root {
			v.VLAN, v.BroadcastURI = n.VLAN, "vlan://"+n.VLAN
		}
	}
	return v
}

// zone fills in the zone's DNS servers where the network has none.
func (v *Network) zone(z *resource.Zone) {
	if z == nil {
		return
	}
	v.ZoneName = z.Name
	if v.DNS1 == "" {
		v.DNS1, v.DNS2 = z.DNS1, z.DNS2
	}
}

func (v *Network) offering(o *resource.NetworkOffering) {
	if o == nil {
		return
	}
	v.OfferingName, v.OfferingDisplayText, v.OfferingAvailability = o.Name, o.DisplayText, o.Availability
	v.OfferingConserveMode, v.SpecifyVLAN, v.SpecifyIPRanges, v.Persistent = o.ConserveMode, o.SpecifyVLAN, o.SpecifyIPRanges, o.Persistent
	v.Service = services(o)
}
