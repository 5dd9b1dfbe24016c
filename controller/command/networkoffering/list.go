package networkoffering

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
)

type listParams struct {
	command.Paging
	ID              resource.NetworkOfferingID `param:"id" ref:"networkoffering:use" doc:"only this offering"`
	Name            string                     `param:"name" doc:"only the offering of this name"`
	DisplayText     string                     `param:"displaytext" doc:"only the offerings with this text"`
	GuestType       resource.GuestType         `param:"guestiptype" doc:"only the offerings for networks of this type: Shared or L2"`
	TrafficType     string                     `param:"traffictype" doc:"only the offerings for this traffic; all are for Guest"`
	Availability    string                     `param:"availability" doc:"only the offerings with this availability: Optional or Required"`
	State           state                      `param:"state" doc:"only the offerings in this state: Enabled or Disabled; a user sees Enabled ones"`
	SpecifyVLAN     *bool                      `param:"specifyvlan" doc:"only the offerings with, or without, a VLAN that root says"`
	SpecifyIPRanges *bool                      `param:"specifyipranges" doc:"only the offerings for networks that are made with, or without, addresses"`
	Supported       []string                   `param:"supportedservices" max:"0" doc:"only the offerings that provide all of these services"`
	Zone            resource.ZoneID            `param:"zoneid" ref:"zone:use" doc:"the offerings of this zone, which are all"`
	ForVPC          bool                       `param:"forvpc" doc:"only the offerings for VPCs, of which there are none"`
	Default         bool                       `param:"isdefault" doc:"only the default offerings, of which there are none"`
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listNetworkOfferings", Summary: "Lists network offerings.", Since: "1.0", Roles: command.Everyone,
	}, func(ctx context.Context, p listParams) (command.Rows[view.NetworkOffering], error) {
		filter, err := d.filter(ctx, p)
		if err != nil {
			return command.Rows[view.NetworkOffering]{}, err
		}
		return command.Select(ctx, d.Store, p.Paging, filter, view.NetworkOfferingOf)
	})
}

func (d Deps) filter(ctx context.Context, p listParams) (store.Filter, error) {
	filter := store.Filter{
		"id": p.ID, "name": store.Fold(p.Name), "display_text": store.Fold(p.DisplayText), "guest_type": p.GuestType,
		"availability": store.Fold(p.Availability), "specify_vlan": p.SpecifyVLAN, "specify_ip_ranges": p.SpecifyIPRanges,
		"traffic": command.Constant(guest, p.TrafficType), "vpc": command.Never(p.ForVPC), "default": command.Never(p.Default),
		"keyword": store.AnyLike(p.Keyword, "name", "display_text"),
	}
	if p.State != "" {
		filter["enabled"] = store.Exactly(string(p.State) == view.OfferingState(true))
	}
	if !access.From(ctx).Root() {
		filter["usable"] = store.Either(store.Filter{"enabled": true})
	}
	if len(p.Supported) > 0 {
		able, err := d.serving(ctx, p.Supported)
		if err != nil {
			return nil, err
		}
		filter["able"] = store.Either(store.Filter{"id": able})
	}
	return filter, nil
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
