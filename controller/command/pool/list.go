package pool

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
)

type listParams struct {
	command.Paging
	ID      resource.PoolID    `param:"id" ref:"storagepool:use" doc:"only this pool"`
	Name    string             `param:"name" doc:"only the pool of this name"`
	Zone    resource.ZoneID    `param:"zoneid" ref:"zone:use" doc:"only the pools of this zone"`
	Pod     resource.PodID     `param:"podid" ref:"pod:use" doc:"only the pools of this pod"`
	Cluster resource.ClusterID `param:"clusterid" ref:"cluster:use" doc:"only the pools of this cluster"`
	Path    string             `param:"path" doc:"only the pools in this directory"`
	Scope   string             `param:"scope" doc:"only the pools of this scope: CLUSTER or ZONE"`
	Status  string             `param:"status" doc:"only the pools in this state: Up"`
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listStoragePools", Summary: "Lists storage pools.", Since: "1.0", Roles: command.RootOnly,
	}, func(ctx context.Context, p listParams) (command.Rows[view.StoragePool], error) {
		filter := store.Filter{
			"id": p.ID, "name": store.Fold(p.Name), "zone_id": p.Zone, "pod_id": p.Pod, "cluster_id": p.Cluster,
			"path": p.Path, "scope": store.Fold(p.Scope), "state": store.Fold(p.Status),
			"keyword": store.AnyLike(p.Keyword, "name", "path"),
		}
		return command.SelectAll(ctx, d.Store, p.Paging, filter, func(ctx context.Context, rows []resource.Pool) ([]view.StoragePool, error) {
			return view.StoragePools(ctx, d.Store, rows)
		})
	})
}
