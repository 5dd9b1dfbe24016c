package imagestore

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
)

type listParams struct {
	command.Paging
	ID       resource.StoreID `param:"id" ref:"imagestore:use" doc:"only this store"`
	Name     string           `param:"name" doc:"only the store of this name"`
	Zone     resource.ZoneID  `param:"zoneid" ref:"zone:use" doc:"only the stores of this zone"`
	Provider string           `param:"provider" doc:"only the stores of this provider: Directory or NFS"`
	Protocol string           `param:"protocol" doc:"only the stores of this protocol; all are file"`
	ReadOnly bool             `param:"readonly" doc:"only the stores that take no more, of which there are none"`
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listImageStores", Summary: "Lists image stores.", Since: "1.0", Roles: command.RootOnly,
	}, func(ctx context.Context, p listParams) (command.Rows[view.ImageStore], error) {
		filter := store.Filter{
			"id": p.ID, "name": store.Fold(p.Name), "zone_id": p.Zone, "provider": store.Fold(p.Provider),
			"protocol": command.Constant("file", p.Protocol), "readonly": command.Never(p.ReadOnly),
			"keyword": store.AnyLike(p.Keyword, "name", "provider"),
		}
		return command.SelectAll(ctx, d.Store, p.Paging, filter, func(ctx context.Context, rows []resource.Store) ([]view.ImageStore, error) {
			return view.ImageStores(ctx, d.Store, rows)
		})
	})
}
