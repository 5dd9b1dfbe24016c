package zone

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
	ID          resource.ZoneID `param:"id" ref:"zone:use" doc:"only this zone"`
	Name        string          `param:"name" doc:"only the zone of this name"`
	NetworkType string          `param:"networktype" doc:"only zones of this type"`
	Available   bool            `param:"available" doc:"no matter: a caller sees the zones it can use"`
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listZones", Summary: "Lists zones.", Since: "1.0", Roles: command.Everyone,
	}, func(ctx context.Context, p listParams) (command.Rows[view.Zone], error) {
		filter := store.Filter{
			"id": p.ID, "name": store.Fold(p.Name), "network_type": store.Fold(p.NetworkType),
			"keyword": store.AnyLike(p.Keyword, "name"),
		}
		root := access.From(ctx).Root()
		if !root {
			filter["allocation"] = resource.AllocationEnabled
		}
		return command.Select(ctx, d.Store, p.Paging, filter, func(z *resource.Zone) view.Zone { return view.ZoneOf(z, root) })
	})
}
