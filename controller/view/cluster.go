package view

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Cluster is CloudStack's cluster object.
type Cluster struct {
	ID             resource.ClusterID  `json:"id" doc:"the id of the cluster"`
	Name           string              `json:"name" doc:"its name"`
	PodID          resource.PodID      `json:"podid" doc:"the pod it is in"`
	PodName        string              `json:"podname" doc:"the name of the pod"`
	ZoneID         resource.ZoneID     `json:"zoneid" doc:"the zone it is in"`
	ZoneName       string              `json:"zonename" doc:"the name of the zone"`
	HypervisorType string              `json:"hypervisortype" doc:"KVM"`
	ClusterType    string              `json:"clustertype" doc:"CloudManaged"`
	ManagedState   string              `json:"managedstate" doc:"Managed"`
	Allocation     resource.Allocation `json:"allocationstate" doc:"whether VMs may be placed in it"`
}

// ObjectName is CloudStack's.
func (Cluster) ObjectName() string { return "cluster" }

// What every cluster is.
const (
	Hypervisor   = "KVM"
	ClusterType  = "CloudManaged"
	ManagedState = "Managed"
)

// Clusters shows clusters.
func Clusters(ctx context.Context, s *store.Store, rows []resource.Cluster) ([]Cluster, error) {
	in, err := locate(ctx, s, rows, func(c *resource.Cluster) location { return location{zone: c.ZoneID, pod: c.PodID} })
	if err != nil {
		return nil, err
	}
	views := make([]Cluster, len(rows))
	for i, c := range rows {
		views[i] = Cluster{
			ID: c.ID, Name: c.Name, PodID: c.PodID, PodName: in.pod(c.PodID), ZoneID: c.ZoneID, ZoneName: in.zone(c.ZoneID),
			HypervisorType: Hypervisor, ClusterType: ClusterType, ManagedState: ManagedState, Allocation: c.Allocation,
		}
	}
	return views, nil
}
