package network

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
)

type listParams struct {
	command.Paging
	command.Owned
	ID              resource.NetworkID         `param:"id" ref:"network:use" doc:"only this network"`
	Name            string                     `param:"name" doc:"only the networks of this name"`
	Zone            resource.ZoneID            `param:"zoneid" ref:"zone:use" doc:"only the networks of this zone"`
	Type            resource.GuestType         `param:"type" doc:"only the networks of this type: Shared or L2"`
	TrafficType     string                     `param:"traffictype" doc:"only the networks for this traffic; all are for Guest"`
	ACLType         aclType                    `param:"acltype" doc:"only the networks of this kind: Account or Domain"`
	Filter          choice                     `param:"networkfilter" doc:"account: owned ones; domain: those for everybody; all and accountdomain: both; shared: none"`
	Offering        resource.NetworkOfferingID `param:"networkofferingid" ref:"networkoffering:use" doc:"only the networks of this offering"`
	Supported       []string                   `param:"supportedservices" max:"0" doc:"only the networks that provide all of these services"`
	System          bool                       `param:"issystem" doc:"only the networks of the system, of which there are none"`
	ForVPC          bool                       `param:"forvpc" doc:"only the networks of VPCs, of which there are none"`
	RestartRequired bool                       `param:"restartrequired" doc:"only the networks to be restarted, of which there are none"`
}

type choice string

func (choice) Values() []string {
	return []string{"all", "account", "domain", "accountdomain", "shared"}
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listNetworks", Summary: "Lists networks.", Since: "1.0", Roles: command.Everyone,
	}, func(ctx context.Context, p listParams) (command.Rows[view.Network], error) {
		filter, err := d.filter(ctx, p)
		if err != nil {
			return command.Rows[view.Network]{}, err
		}
		return command.SelectAll(ctx, d.Store, p.Paging, filter, func(ctx context.Context, rows []resource.Network) ([]view.Network, error) {
			return view.Networks(ctx, d.Store, rows)
		})
	})
}

func (d Deps) filter(ctx context.Context, p listParams) (store.Filter, error) {
	filter := store.Filter{
		"id": p.ID, "name": store.Fold(p.Name), "zone_id": p.Zone, "guest_type": p.Type, "acl_type": string(p.ACLType),
		"offering_id": p.Offering, "traffic": command.Constant(guest, p.TrafficType), "system": command.Never(p.System),
		"vpc": command.Never(p.ForVPC), "restart": command.Never(p.RestartRequired),
		"keyword": store.AnyLike(p.Keyword, "name", "display_text"),
	}
	if len(p.Supported) > 0 {
		able, err := d.serving(ctx, p.Supported)
		if err != nil {
			return nil, err
		}
		filter["able"] = store.Either(store.Filter{"offering_id": able})
	}
	visible, err := d.visible(ctx, p)
	filter["visible"] = visible
	return filter, err
}

// visible is what the caller may see of what it wants to: its own networks,
// and those for everybody. An id was checked already.
func (d Deps) visible(ctx context.Context, p listParams) (any, error) {
	if p.ID != "" {
		return nil, nil
	}
	own, err := p.Scope(ctx, d.Store)
	if err != nil {
		return nil, err
	}
	shared := store.Filter{"acl_type": resource.ACLDomain}
	switch p.Filter {
	case "account":
		own["acl_type"] = resource.ACLAccount
		return store.Either(own), nil
	case "domain":
		return store.Either(shared), nil
	case "shared":
		return command.Never(true), nil
	}
	return store.Either(own, shared), nil
}

// serving gives the offerings whose networks provide all of the services.
func (d Deps) serving(ctx context.Context, services []string) ([]resource.NetworkOfferingID, error) {
	rows, err := store.All[resource.NetworkOffering](ctx, d.Store, nil)
	ids := []resource.NetworkOfferingID{}
	for _, row := range rows {
		if row.Serves(services) {
			ids = append(ids, row.ID)
		}
	}
	return ids, err
}
