package place_test

import (
	"context"
	"testing"

	"github.com/cairn-kvm/cairn/controller/place"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/store/storetest"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// site is a zone with two clusters: big and small are in c1, lone is in c2.
func site(t *testing.T) place.Placer {
	t.Helper()
	s := storetest.Open(t)
	host := func(id resource.HostID, cluster resource.ClusterID, cpus int, memoryMiB int64) *resource.Host {
		return &resource.Host{
			ID: id, Name: string(id), ZoneID: "z", ClusterID: cluster, State: resource.HostUp, Allocation: resource.AllocationEnabled,
			CPUs: cpus, MemoryBytes: memoryMiB << 20,
		}
	}
	for _, h := range []*resource.Host{host("big", "c1", 8, 8192), host("small", "c1", 4, 4096), host("lone", "c2", 16, 65536)} {
		insert(t, s, h)
	}
	insert(t, s, &resource.Pool{ID: "p1", Name: "p1", ZoneID: "z", ClusterID: "c1", State: "Up", Allocation: resource.AllocationEnabled, Tags: "ssd,fast"})
	insert(t, s, &resource.ServiceOffering{ID: "o", Name: "o"})
	insert(t, s, &resource.ServiceOffering{ID: "tagged", Name: "tagged", StorageTags: "ssd"})
	insert(t, s, &resource.ServiceOffering{ID: "elsewhere", Name: "elsewhere", StorageTags: "nvme"})
	return place.Placer{Store: s, Settings: setting.Settings{Store: s}}
}

func insert[T any](t *testing.T, s *store.Store, row *T) {
	t.Helper()
	if err := store.Insert(t.Context(), s, row); err != nil {
		t.Fatal(err)
	}
}

func TestPlace(t *testing.T) {
	for name, test := range map[string]struct {
		vm      resource.VM
		wish    place.Wish
		prepare func(*testing.T, *store.Store)
		want    resource.HostID // "": no room
	}{
		"the most memory left":          {resource.VM{CPUs: 1, MemoryMiB: 512}, place.Wish{}, nil, "big"}, // lone has no pool
		"where it was":                  {resource.VM{CPUs: 1, MemoryMiB: 512, LastHostID: "small"}, place.Wish{}, nil, "small"},
		"the reserve is not given":      {resource.VM{CPUs: 1, MemoryMiB: 8192 - 511}, place.Wish{}, nil, ""},
		"up to the reserve":             {resource.VM{CPUs: 1, MemoryMiB: 8192 - 512}, place.Wish{}, nil, "big"},
		"CPUs up to the overcommitment": {resource.VM{CPUs: 32, MemoryMiB: 512}, place.Wish{}, nil, "big"},
		"and not beyond":                {resource.VM{CPUs: 33, MemoryMiB: 512}, place.Wish{}, nil, ""},
		"a wanted host":                 {resource.VM{CPUs: 1, MemoryMiB: 512}, place.Wish{HostID: "small"}, nil, "small"},
		"a wanted host without a pool":  {resource.VM{CPUs: 1, MemoryMiB: 512}, place.Wish{HostID: "lone"}, nil, ""},
		"a wanted cluster":              {resource.VM{CPUs: 1, MemoryMiB: 512}, place.Wish{ClusterID: "c2"}, nil, ""},
		"tags of storage":               {resource.VM{CPUs: 1, MemoryMiB: 512, OfferingID: "tagged"}, place.Wish{}, nil, "big"},
		"tags that no pool has":         {resource.VM{CPUs: 1, MemoryMiB: 512, OfferingID: "elsewhere"}, place.Wish{}, nil, ""},
		"what others take": {resource.VM{CPUs: 1, MemoryMiB: 4000}, place.Wish{}, func(t *testing.T, s *store.Store) {
			insert(t, s, &resource.VM{ID: "other", Number: 9, HostID: "big", MemoryMiB: 4000})
		}, ""},
		"a host that is away": {resource.VM{CPUs: 1, MemoryMiB: 512}, place.Wish{}, func(t *testing.T, s *store.Store) {
			away := resource.Host{ID: "big", State: resource.HostDisconnected}
			if err := store.Update(t.Context(), s, &away, "state"); err != nil {
				t.Fatal(err)
			}
		}, "small"},
	} {
		t.Run(name, func(t *testing.T) {
			p, vm := site(t), test.vm
			vm.ID, vm.ZoneID = "vm", "z"
			if vm.OfferingID == "" {
				vm.OfferingID = "o"
			}
			insert(t, p.Store, &vm)
			if test.prepare != nil {
				test.prepare(t, p.Store)
			}
			err := p.Store.InTx(t.Context(), func(ctx context.Context) error {
				choice, err := p.Place(ctx, &vm, test.wish)
				if err == nil && choice.Pool.ID != "p1" {
					t.Errorf("pool %s", choice.Pool.ID)
				}
				return err
			})
			if test.want == "" && !fault.Is(err, fault.NoCapacity) || test.want != "" && err != nil {
				t.Fatalf("outcome %v", err)
			}
			kept, err := store.Get[resource.VM](t.Context(), p.Store, vm.ID)
			if err != nil || kept.HostID != test.want {
				t.Errorf("reserved on %q, want %q (%v)", kept.HostID, test.want, err)
			}
		})
	}
}
