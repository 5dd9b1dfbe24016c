package view

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// StoragePool is CloudStack's storage pool object. Sizes that nobody has
// measured are left out.
type StoragePool struct {
	ID                resource.PoolID    `json:"id" doc:"the id of the pool"`
	Name              string             `json:"name" doc:"its name"`
	State             string             `json:"state" doc:"Up, or what keeps it from being used"`
	Type              resource.PoolType  `json:"type" doc:"Filesystem or SharedMountPoint"`
	Scope             string             `json:"scope" doc:"CLUSTER or ZONE: the hosts that see it"`
	Path              string             `json:"path" doc:"the directory on its hosts"`
	IPAddress         string             `json:"ipaddress" doc:"localhost"`
	ZoneID            resource.ZoneID    `json:"zoneid" doc:"the zone it is in"`
	ZoneName          string             `json:"zonename" doc:"the name of the zone"`
	PodID             resource.PodID     `json:"podid,omitempty" doc:"the pod it is in"`
	PodName           string             `json:"podname,omitempty" doc:"the name of the pod"`
	ClusterID         resource.ClusterID `json:"clusterid,omitempty" doc:"the cluster it is in"`
	ClusterName       string             `json:"clustername,omitempty" doc:"the name of the cluster"`
	Hypervisor        string             `json:"hypervisor" doc:"KVM"`
	Provider          string             `json:"provider" doc:"DefaultPrimary"`
	Tags              string             `json:"tags,omitempty" doc:"its tags, separated by commas"`
	DiskSizeAllocated int64              `json:"disksizeallocated" doc:"the sizes of its volumes together, in bytes"`
	Created           Date               `json:"created" doc:"when it was added"`
}

// ObjectName is CloudStack's.
func (StoragePool) ObjectName() string { return "storagepool" }

// PoolProvider is CloudStack's name of what provides every pool.
const PoolProvider = "DefaultPrimary"

// StoragePools shows pools and what their volumes take of them.
func StoragePools(ctx context.Context, s *store.Store, rows []resource.Pool) ([]StoragePool, error) {
	in, err := locate(ctx, s, rows, func(p *resource.Pool) location { return location{p.ZoneID, p.PodID, p.ClusterID} })
	if err != nil {
		return nil, err
	}
	use, err := s.PoolUse(ctx, distinct(rows, func(p *resource.Pool) resource.PoolID { return p.ID }))
	if err != nil {
		return nil, err
	}
	views := make([]StoragePool, len(rows))
	for i, p := range rows {
		views[i] = StoragePool{
			ID: p.ID, Name: p.Name, State: p.State, Type: p.Type, Scope: p.Scope, Path: p.Path, IPAddress: "localhost",
			ZoneID: p.ZoneID, ZoneName: in.zone(p.ZoneID), PodID: p.PodID, PodName: in.pod(p.PodID),
			ClusterID: p.ClusterID, ClusterName: in.cluster(p.ClusterID),
			Hypervisor: Hypervisor, Provider: PoolProvider, Tags: p.Tags, DiskSizeAllocated: use[p.ID], Created: At(p.Created),
		}
	}
	return views, nil
}

// StoragePoolOf shows one pool.
func StoragePoolOf(ctx context.Context, s *store.Store, row *resource.Pool) (StoragePool, error) {
	return one(ctx, s, row, StoragePools)
}
