package cluster

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type addParams struct {
	Name       string              `param:"clustername,required" doc:"the name of the cluster"`
	Type       clusterType         `param:"clustertype,required" doc:"CloudManaged"`
	Hypervisor hypervisor          `param:"hypervisor,required" doc:"KVM"`
	Pod        resource.PodID      `param:"podid,required" ref:"pod:use" doc:"the pod it is in"`
	Zone       resource.ZoneID     `param:"zoneid,required" ref:"zone:use" doc:"the zone of the pod"`
	Allocation resource.Allocation `param:"allocationstate" doc:"Enabled or Disabled; Enabled where absent"`
}

type clusterType string

func (clusterType) Values() []string { return []string{view.ClusterType} }

type hypervisor string

func (hypervisor) Values() []string { return []string{view.Hypervisor} }

func (p *addParams) Check() error {
	if p.Allocation == "" {
		p.Allocation = resource.AllocationEnabled
	}
	return nil
}

// add answers with a list of the one cluster, as CloudStack does.
func add(d Deps) command.Command {
	return command.List(command.Info{
		Name: "addCluster", Summary: "Adds a cluster.", Since: "1.0", Roles: command.RootOnly, Event: "CLUSTER.CREATE",
	}, func(ctx context.Context, p addParams) (command.Rows[view.Cluster], error) {
		row := resource.Cluster{
			ID: store.NewID[resource.ClusterID](), ZoneID: p.Zone, PodID: p.Pod, Name: p.Name,
			Allocation: p.Allocation, Created: time.Now().UTC(),
		}
		if err := d.insert(ctx, &row); err != nil {
			return command.Rows[view.Cluster]{}, err
		}
		views, err := view.Clusters(ctx, d.Store, []resource.Cluster{row})
		return command.Rows[view.Cluster]{Total: 1, Rows: views}, err
	})
}

func (d Deps) insert(ctx context.Context, row *resource.Cluster) error {
	pod, err := store.Get[resource.Pod](ctx, d.Store, row.PodID)
	switch {
	case err != nil:
		return err
	case pod.ZoneID != row.ZoneID:
		return fault.New(fault.Invalid, "Pod %s is not in zone %s", row.PodID, row.ZoneID)
	}
	err = store.Insert(ctx, d.Store, row)
	if fault.Is(err, fault.Conflict) {
		return fault.New(fault.Invalid, "A cluster with the name %s exists already in pod %s", row.Name, row.PodID)
	}
	return err
}
