package pod

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
)

type listParams struct {
	command.Paging
	ID         resource.PodID      `param:"id" ref:"pod:use" doc:"only this pod"`
	Name       string              `param:"name" doc:"only the pods of this name"`
	Zone       resource.ZoneID     `param:"zoneid" ref:"zone:use" doc:"only the pods of this zone"`
	Allocation resource.Allocation `param:"allocationstate" doc:"only the pods in this state: Enabled or Disabled"`
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listPods", Summary: "Lists pods.", Since: "1.0", Roles: command.RootOnly,
	}, func(ctx context.Context, p listParams) (command.Rows[view.Pod], error) {
		filter := store.Filter{
			"id": p.ID, "name": store.Fold(p.Name), "zone_id": p.Zone, "allocation": p.Allocation,
			"keyword": store.AnyLike(p.Keyword, "name"),
		}
		return command.SelectAll(ctx, d.Store, p.Paging, filter, func(ctx context.Context, rows []resource.Pod) ([]view.Pod, error) {
			return view.Pods(ctx, d.Store, rows)
		})
	})
}
