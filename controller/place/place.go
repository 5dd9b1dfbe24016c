// Package place decides where a VM runs: on a host that is there, enabled, of
// the VM's zone, with room. The decision and the reservation are one
// transaction: room is what the rows of the VMs leave.
//
// In:  a VM and its wishes, from the place step of a workflow.
// Out: a host and a pool, reserved, to the steps after it.
package place

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// Wish narrows the choice; empty members do not.
type Wish struct {
	HostID    resource.HostID
	ClusterID resource.ClusterID
	PodID     resource.PodID
	PoolID    resource.PoolID // where the VM's disks lie already
}

// Placer chooses. It is safe for concurrent use.
type Placer struct {
	Store    *store.Store
	Settings setting.Settings
}

// Choice is a host and the pool for the root disk.
type Choice struct {
	Host resource.Host
	Pool resource.Pool
}

// Place chooses for the VM, and reserves the room by writing the host into
// the VM's row. It must run in a transaction. No room is NoCapacity.
func (p Placer) Place(ctx context.Context, vm *resource.VM, wish Wish) (Choice, error) {
	hosts, err := p.candidates(ctx, vm, wish)
	if err != nil {
		return Choice{}, err
	}
	pools, err := p.pools(ctx, vm, wish)
	if err != nil {
		return Choice{}, err
	}
	tags, err := p.storageTags(ctx, vm)
	if err != nil {
		return Choice{}, err
	}
	for _, host := range hosts {
		for _, pool := range pools {
			if reaches(host, pool) && tagged(pool, tags) {
				vm.HostID = host.ID
				return Choice{host, pool}, store.Update(ctx, p.Store, vm, "host_id")
			}
		}
	}
	return Choice{}, fault.New(fault.NoCapacity,
		"Unable to create a deployment for VM instance %s: no host in the zone has room for %d CPUs and %d MiB with a pool at hand",
		vm.ID, vm.CPUs, vm.MemoryMiB)
}

// candidates gives the hosts with room: the one the VM was on first, then
// those with the most memory left.
func (p Placer) candidates(ctx context.Context, vm *resource.VM, wish Wish) ([]resource.Host, error) {
	hosts, err := store.All[resource.Host](ctx, p.Store, store.Filter{
		"id": wish.HostID, "zone_id": vm.ZoneID, "pod_id": wish.PodID, "cluster_id": wish.ClusterID,
		"state": resource.HostUp, "allocation": resource.AllocationEnabled,
	})
	if err != nil {
		return nil, err
	}
	ids := make([]resource.HostID, len(hosts))
	for i, host := range hosts {
		ids[i] = host.ID
	}
	use, err := p.Store.HostUse(ctx, ids)
	if err != nil {
		return nil, err
	}
	overcommit, err := setting.CPUOvercommit.InZone(ctx, p.Settings, vm.ZoneID)
	if err != nil {
		return nil, err
	}
	reserve, err := setting.HostMemoryReserve.InZone(ctx, p.Settings, vm.ZoneID)
	if err != nil {
		return nil, err
	}
	left := func(h resource.Host) int64 { return h.MemoryBytes>>20 - int64(reserve) - use[h.ID].MemoryMiB }
	hosts = slices.DeleteFunc(hosts, func(h resource.Host) bool {
		return left(h) < int64(vm.MemoryMiB) || use[h.ID].CPUs+vm.CPUs > h.CPUs*overcommit/100
	})
	slices.SortStableFunc(hosts, func(a, b resource.Host) int {
		if a.ID == vm.LastHostID || b.ID == vm.LastHostID {
			return cmp.Compare(rank(b.ID == vm.LastHostID), rank(a.ID == vm.LastHostID))
		}
		return cmp.Compare(left(b), left(a))
	})
	return hosts, nil
}

func rank(first bool) int {
	if first {
		return 1
	}
	return 0
}

func (p Placer) pools(ctx context.Context, vm *resource.VM, wish Wish) ([]resource.Pool, error) {
	return store.All[resource.Pool](ctx, p.Store, store.Filter{
		"id": wish.PoolID, "zone_id": vm.ZoneID, "state": "Up", "allocation": resource.AllocationEnabled,
	})
}

// reaches reports whether the host sees the pool.
func reaches(host resource.Host, pool resource.Pool) bool {
	return pool.ClusterID == "" || pool.ClusterID == host.ClusterID
}

// storageTags are those that the offering wants of a pool.
func (p Placer) storageTags(ctx context.Context, vm *resource.VM) ([]string, error) {
	offering, err := store.Get[resource.ServiceOffering](ctx, p.Store, vm.OfferingID)
	if err != nil {
		return nil, err
	}
	return words(offering.StorageTags), nil
}

// tagged reports whether the pool has all the tags.
func tagged(pool resource.Pool, tags []string) bool {
	has := words(pool.Tags)
	return !slices.ContainsFunc(tags, func(tag string) bool { return !slices.Contains(has, tag) })
}

func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
