package networkoffering

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
)

type updateParams struct {
	Offering     resource.NetworkOfferingID `param:"id,required,subject" ref:"networkoffering:operate" doc:"the offering"`
	Name         string                     `param:"name" doc:"its new name"`
	DisplayText  string                     `param:"displaytext" doc:"more about it"`
	Availability availability               `param:"availability" doc:"Optional or Required"`
	State        state                      `param:"state" doc:"Enabled or Disabled: whether networks can be made of it"`
}

type state string

func (state) Values() []string { return []string{view.OfferingState(true), view.OfferingState(false)} }

func (p updateParams) apply(o *resource.NetworkOffering) {
	if p.Name != "" {
		o.Name = p.Name
	}
	if p.DisplayText != "" {
		o.DisplayText = p.DisplayText
	}
	if p.Availability != "" {
		o.Availability = string(p.Availability)
	}
	if p.State != "" {
		o.Enabled = string(p.State) == view.OfferingState(true)
	}
}

func update(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "updateNetworkOffering", Summary: "Changes a network offering.", Since: "1.0", Roles: command.RootOnly, Event: "NETWORK.OFFERING.EDIT",
	}, func(ctx context.Context, p updateParams) (view.NetworkOffering, error) {
		var row *resource.NetworkOffering
		err := d.Store.InTx(ctx, func(ctx context.Context) (err error) {
			if row, err = store.Get[resource.NetworkOffering](ctx, d.Store, p.Offering); err != nil {
				return err
			}
			p.apply(row)
			return store.Update(ctx, d.Store, row)
		})
		if err != nil {
			return view.NetworkOffering{}, named(err, p.Name)
		}
		return view.NetworkOfferingOf(row), nil
	})
}
