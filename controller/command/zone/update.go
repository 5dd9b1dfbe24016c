package zone

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type updateParams struct {
	Zone       resource.ZoneID     `param:"id,required,subject" ref:"zone:operate" doc:"the zone"`
	Name       string              `param:"name" doc:"its new name"`
	Allocation resource.Allocation `param:"allocationstate" doc:"Enabled or Disabled"`
	DNS1       string              `param:"dns1" doc:"the first DNS server of the guests"`
	DNS2       *string             `param:"dns2" doc:"the second one; empty: none"`
	Domain     *string             `param:"domain" doc:"the DNS domain of its networks; empty: none"`
}

func (p updateParams) Check() error {
	if p.DNS2 != nil {
		if err := checkAddress("dns2", *p.DNS2); err != nil {
			return err
		}
	}
	return checkAddress("dns1", p.DNS1)
}

func (p updateParams) apply(z *resource.Zone) {
	if p.Name != "" {
		z.Name = p.Name
	}
	if p.Allocation != "" {
		z.Allocation = p.Allocation
	}
	if p.DNS1 != "" {
		z.DNS1 = p.DNS1
	}
	if p.DNS2 != nil {
		z.DNS2 = *p.DNS2
	}
	if p.Domain != nil {
		z.Domain = *p.Domain
	}
}

func update(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "updateZone", Summary: "Changes a zone.", Since: "1.0", Roles: command.RootOnly, Event: "ZONE.EDIT",
	}, func(ctx context.Context, p updateParams) (view.Zone, error) {
		var z *resource.Zone
		err := d.Store.InTx(ctx, func(ctx context.Context) (err error) {
			if z, err = store.Get[resource.Zone](ctx, d.Store, p.Zone); err != nil {
				return err
			}
			p.apply(z)
			return store.Update(ctx, d.Store, z)
		})
		if fault.Is(err, fault.Conflict) {
			return view.Zone{}, fault.New(fault.Invalid, "A zone with the name %s exists already", p.Name)
		}
		if err != nil {
			return view.Zone{}, err
		}
		return view.ZoneOf(z, true), nil
	})
}
