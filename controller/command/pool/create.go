package pool

import (
	"context"
	"strings"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type createParams struct {
	Name       string             `param:"name,required" doc:"the name of the pool"`
	URL        string             `param:"url,required" doc:"SharedMountPoint://localhost/path: a directory that its hosts share; file:///path: a directory that each of them has for itself"`
	Zone       resource.ZoneID    `param:"zoneid,required" ref:"zone:use" doc:"the zone it is in"`
	Scope      scope              `param:"scope" doc:"cluster or zone: the hosts that see it; cluster where absent"`
	Pod        resource.PodID     `param:"podid" ref:"pod:use" doc:"the pod of the cluster"`
	Cluster    resource.ClusterID `param:"clusterid" ref:"cluster:use" doc:"the cluster that sees it, with scope cluster"`
	Hypervisor hypervisor         `param:"hypervisor" doc:"KVM; required with scope zone"`
	Provider   provider           `param:"provider" doc:"DefaultPrimary"`
	Tags       string             `param:"tags" doc:"its tags, separated by commas"`
}

type scope string

const (
	clusterScope scope = "cluster"
	zoneScope    scope = "zone"
	hostScope    scope = "host"
)

func (scope) Values() []string {
	return []string{string(clusterScope), string(zoneScope), string(hostScope)}
}

type hypervisor string

func (hypervisor) Values() []string { return []string{view.Hypervisor} }

type provider string

func (provider) Values() []string { return []string{view.PoolProvider} }

func (p *createParams) Check() error {
	if p.Scope == "" {
		p.Scope = clusterScope
	}
	if _, _, err := p.directory(); err != nil {
		return err
	}
	switch {
	case p.Scope == hostScope:
		return fault.New(fault.Unsupported, "A storage pool with scope host is not supported in this version; supported: cluster, zone")
	case p.Scope == clusterScope && (p.Pod == "" || p.Cluster == ""):
		return fault.New(fault.Invalid, "A storage pool with scope cluster needs podid and clusterid")
	case p.Scope == zoneScope && (p.Pod != "" || p.Cluster != ""):
		return fault.New(fault.Invalid, "A storage pool with scope zone has no podid and no clusterid")
	case p.Scope == zoneScope && p.Hypervisor == "":
		return fault.New(fault.Invalid, "A storage pool with scope zone needs hypervisor")
	}
	return nil
}

// directory gives the type and the path that the URL means.
func (p *createParams) directory() (resource.PoolType, string, error) {
	scheme, path, err := command.Directory(p.URL, "SharedMountPoint", "filesystem", "file")
	if scheme == "sharedmountpoint" {
		return resource.PoolSharedMountPoint, path, err
	}
	return resource.PoolFilesystem, path, err
}

func create(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "createStoragePool", Summary: "Creates a storage pool.", Since: "1.0", Roles: command.RootOnly, Event: "STORAGE.POOL.CREATE",
	}, func(ctx context.Context, p createParams) (view.StoragePool, error) {
		kind, path, err := p.directory()
		if err != nil {
			return view.StoragePool{}, err
		}
		row := &resource.Pool{
			ID: store.NewID[resource.PoolID](), Name: p.Name, Type: kind, Scope: strings.ToUpper(string(p.Scope)),
			ZoneID: p.Zone, PodID: p.Pod, ClusterID: p.Cluster, Path: path, URL: p.URL, Tags: p.Tags,
			State: "Up", Allocation: resource.AllocationEnabled, Created: time.Now().UTC(),
		}
		if err := d.Store.InTx(ctx, func(ctx context.Context) error { return d.insert(ctx, row) }); err != nil {
			return view.StoragePool{}, err
		}
		return view.StoragePoolOf(ctx, d.Store, row)
	})
}

func (d Deps) insert(ctx context.Context, row *resource.Pool) error {
	if err := d.checkCluster(ctx, row); err != nil {
		return err
	}
	if err := d.checkPath(ctx, row); err != nil {
		return err
	}
	err := store.Insert(ctx, d.Store, row)
	if fault.Is(err, fault.Conflict) {
		return fault.New(fault.Invalid, "A storage pool with the name %s exists already", row.Name)
	}
	return err
}

// checkCluster wants the cluster in the pod, and the pod in the zone.
func (d Deps) checkCluster(ctx context.Context, row *resource.Pool) error {
	if row.ClusterID == "" {
		return nil
	}
	cluster, err := store.Get[resource.Cluster](ctx, d.Store, row.ClusterID)
	switch {
	case err != nil:
		return err
	case cluster.PodID != row.PodID || cluster.ZoneID != row.ZoneID:
		return fault.New(fault.Invalid, "Cluster %s is not in pod %s and zone %s", row.ClusterID, row.PodID, row.ZoneID)
	}
	return nil
}

// checkPath refuses a directory that hosts of the scope use for another pool:
// each pool would take the other's volumes for its own.
func (d Deps) checkPath(ctx context.Context, row *resource.Pool) error {
	others, err := store.All[resource.Pool](ctx, d.Store, store.Filter{"zone_id": row.ZoneID, "path": row.Path})
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ClusterID == "" || row.ClusterID == "" || other.ClusterID == row.ClusterID {
			return fault.New(fault.Conflict, "Storage pool %s uses the directory %s already", other.ID, row.Path)
		}
	}
	return nil
}
