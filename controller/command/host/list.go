package host

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
)

type listParams struct {
	command.Paging
	ID            resource.HostID    `param:"id" ref:"host:use" doc:"only this host"`
	Name          string             `param:"name" doc:"only the host of this name"`
	Type          string             `param:"type" doc:"only the hosts of this type; all are Routing"`
	State         string             `param:"state" doc:"only the hosts in this state: Connecting, Up or Disconnected"`
	ResourceState string             `param:"resourcestate" doc:"only the hosts in this state: Enabled or Disabled"`
	Zone          resource.ZoneID    `param:"zoneid" ref:"zone:use" doc:"only the hosts of this zone"`
	Pod           resource.PodID     `param:"podid" ref:"pod:use" doc:"only the hosts of this pod"`
	Cluster       resource.ClusterID `param:"clusterid" ref:"cluster:use" doc:"only the hosts of this cluster"`
	Hypervisor    string             `param:"hypervisor" doc:"only the hosts of this hypervisor; all are KVM"`
	Arch          string             `param:"arch" doc:"only the hosts of this architecture"`
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listHosts", Summary: "Lists hosts.", Since: "1.0", Roles: command.RootOnly,
	}, func(ctx context.Context, p listParams) (command.Rows[view.Host], error) {
		filter := store.Filter{
			"id": p.ID, "name": store.Fold(p.Name), "state": store.Fold(p.State), "allocation": store.Fold(p.ResourceState),
			"zone_id": p.Zone, "pod_id": p.Pod, "cluster_id": p.Cluster, "arch": store.Fold(p.Arch),
			"type": command.Constant(view.HostType, p.Type), "hypervisor": command.Constant(view.Hypervisor, p.Hypervisor),
			"keyword": store.AnyLike(p.Keyword, "name"),
		}
		return command.SelectAll(ctx, d.Store, p.Paging, filter, func(ctx context.Context, rows []resource.Host) ([]view.Host, error) {
			return view.Hosts(ctx, d.Store, rows)
		})
	})
}
