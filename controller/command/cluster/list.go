package cluster

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
)

type listParams struct {
	command.Paging
	ID           resource.ClusterID  `param:"id" ref:"cluster:use" doc:"only this cluster"`
	Name         string              `param:"name" doc:"only the clusters of this name"`
	Zone         resource.ZoneID     `param:"zoneid" ref:"zone:use" doc:"only the clusters of this zone"`
	Pod          resource.PodID      `param:"podid" ref:"pod:use" doc:"only the clusters of this pod"`
	Allocation   resource.Allocation `param:"allocationstate" doc:"only the clusters in this state: Enabled or Disabled"`
	Hypervisor   string              `param:"hypervisor" doc:"only the clusters of this hypervisor; all are KVM"`
	Type         string              `param:"clustertype" doc:"only the clusters of this type; all are CloudManaged"`
	ManagedState string              `param:"managedstate" doc:"only the clusters in this state; all are Managed"`
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listClusters", Summary: "Lists clusters.", Since: "1.0", Roles: command.RootOnly,
	}, func(ctx context.Context, p listParams) (command.Rows[view.Cluster], error) {
		filter := store.Filter{
			"id": p.ID, "name": store.Fold(p.Name), "zone_id": p.Zone, "pod_id": p.Pod, "allocation": p.Allocation,
			"hypervisor": command.Constant(view.Hypervisor, p.Hypervisor), "type": command.Constant(view.ClusterType, p.Type),
			"managed": command.Constant(view.ManagedState, p.ManagedState), "keyword": store.AnyLike(p.Keyword, "name"),
		}
		return command.SelectAll(ctx, d.Store, p.Paging, filter, func(ctx context.Context, rows []resource.Cluster) ([]view.Cluster, error) {
			return view.Clusters(ctx, d.Store, rows)
		})
	})
}
