package networkoffering

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type createParams struct {
	Name            string             `param:"name,required" doc:"the name of the offering"`
	GuestType       resource.GuestType `param:"guestiptype,required" doc:"the type of its networks: Shared, with addresses to give out, or L2, without"`
	TrafficType     trafficType        `param:"traffictype,required" doc:"Guest"`
	DisplayText     string             `param:"displaytext" doc:"more about it, its name where absent"`
	Availability    availability       `param:"availability" doc:"Optional or Required; Optional where absent"`
	Supported       []string           `param:"supportedservices" max:"0" doc:"what its networks provide: UserData, Dhcp, Dns"`
	Provisions      []provision        `param:"serviceproviderlist" doc:"who provides each service"`
	SpecifyVLAN     bool               `param:"specifyvlan" doc:"whether root says the VLAN of a network"`
	SpecifyIPRanges bool               `param:"specifyipranges" doc:"whether a network is made with its addresses; true for Shared"`
	ConserveMode    *bool              `param:"conservemode" doc:"whether services may share an address; true where absent"`
	Persistent      bool               `param:"ispersistent" doc:"whether a network stands without VMs"`
	Enable          bool               `param:"enable" doc:"whether networks can be made of it at once, before updateNetworkOffering enables it"`
}

func (p *createParams) Check() error {
	if p.DisplayText == "" {
		p.DisplayText = p.Name
	}
	if p.Availability == "" {
		p.Availability = "Optional"
	}
	switch {
	case p.GuestType == resource.Isolated:
		return fault.New(fault.Unsupported, "A network offering with guestiptype %s is not supported in this version; supported: %s, %s",
			p.GuestType, resource.Shared, resource.L2)
	case p.GuestType == resource.Shared && !p.SpecifyIPRanges:
		return fault.New(fault.Invalid, "SpecifyIpRanges should be true if network offering's type is %s", resource.Shared)
	case p.GuestType == resource.L2 && p.SpecifyIPRanges:
		return fault.New(fault.Invalid, "SpecifyIpRanges should be false if network offering's type is %s", resource.L2)
	}
	_, err := providers(p.Supported, p.Provisions)
	return err
}

func create(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "createNetworkOffering", Summary: "Creates a network offering.", Since: "1.0", Roles: command.RootOnly, Event: "NETWORK.OFFERING.CREATE",
	}, func(ctx context.Context, p createParams) (view.NetworkOffering, error) {
		provided, err := providers(p.Supported, p.Provisions)
		if err != nil {
			return view.NetworkOffering{}, err
		}
		row := &resource.NetworkOffering{
			ID: store.NewID[resource.NetworkOfferingID](), Name: p.Name, DisplayText: p.DisplayText,
			GuestType: p.GuestType, TrafficType: string(p.TrafficType), Availability: string(p.Availability), Providers: provided,
			SpecifyVLAN: p.SpecifyVLAN, SpecifyIPRanges: p.SpecifyIPRanges, Persistent: p.Persistent,
			ConserveMode: p.ConserveMode == nil || *p.ConserveMode, Enabled: p.Enable, Created: time.Now().UTC(),
		}
		if err := store.Insert(ctx, d.Store, row); err != nil {
			return view.NetworkOffering{}, named(err, p.Name)
		}
		return view.NetworkOfferingOf(row), nil
	})
}
