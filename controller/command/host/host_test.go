package host_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/command/commandtest"
	"github.com/cairn-kvm/cairn/controller/command/host"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// cloud has a busy host and one that has never been heard.
func cloud(t *testing.T) (*commandtest.Cloud, *resource.Zone) {
	t.Helper()
	c := commandtest.New(t)
	c.Catalog.Add(host.Commands(host.Deps{Store: c.Store}))
	zone, now := c.Zone("z1"), time.Date(2026, 4, 10, 14, 27, 14, 0, time.UTC)
	rack := commandtest.Insert(c, &resource.Pod{ID: "p", ZoneID: zone.ID, Name: "p1", Created: now})
	set := commandtest.Insert(c, &resource.Cluster{ID: "c", ZoneID: zone.ID, PodID: rack.ID, Name: "c1", Created: now})
	commandtest.Insert(c, &resource.Host{
		ID: "h1", Name: "kvm1", ZoneID: zone.ID, PodID: rack.ID, ClusterID: set.ID, State: resource.HostUp, Allocation: resource.AllocationEnabled,
		Address: "10.0.0.1", CPUs: 8, MHz: 2400, MemoryBytes: 16 << 30, KVM: true, Arch: "x86_64", HypervisorVersion: "7.2.22",
		AgentVersion: "1.0.0", Bridges: []string{"cloudbr0", "cloudbr1"}, Seen: now, Created: now,
	})
	commandtest.Insert(c, &resource.Host{
		ID: "h2", Name: "kvm2", ZoneID: zone.ID, PodID: rack.ID, ClusterID: set.ID, State: resource.HostConnecting,
		Allocation: resource.AllocationDisabled, Arch: "aarch64", Created: now.Add(time.Second),
	})
	for i, id := range []resource.VMID{"v1", "v2"} {
		commandtest.Insert(c, &resource.VM{ID: id, Number: int64(i), HostID: "h1", CPUs: 5, MemoryMiB: 1024, State: resource.VMRunning, Created: now, Updated: now})
	}
	return c, zone
}

func TestListShows(t *testing.T) {
	c, zone := cloud(t)
	got := c.Must(c.Root, "listHosts", "type", "Routing", "details", "min")
	for field, want := range map[string]string{
		"id": "h1", "name": "kvm1", "state": "Up", "resourcestate": "Enabled", "type": "Routing", "ipaddress": "10.0.0.1",
		"zoneid": string(zone.ID), "zonename": "z1", "podid": "p", "podname": "p1", "clusterid": "c", "clustername": "c1",
		"hypervisor": "KVM", "hypervisorversion": "7.2.22", "version": "1.0.0", "arch": "x86_64", "capabilities": "hvm",
		"cpunumber": "8", "cpuspeed": "2400", "cpuallocated": "125.00%", "memorytotal": "17179869184",
		"memoryallocated": "2147483648", "memoryallocatedbytes": "2147483648", "memoryallocatedpercentage": "12.50%",
		"created": "2026-04-10T14:27:14+0000", "lastpinged": "2026-04-10T14:27:14+0000",
		"details": "map[bridges:cloudbr0,cloudbr1 kvm:true vms:2]",
	} {
		if text := got.Text("host", 0, field); text != want {
			t.Errorf("%s: got %q, want %q", field, text, want)
		}
	}
	for field, want := range map[string]string{
		"state": "Connecting", "resourcestate": "Disabled", "cpuallocated": "0.00%", "memoryallocatedpercentage": "0.00%", "lastpinged": "",
	} {
		if text := got.Text("host", 1, field); text != want {
			t.Errorf("a host never heard: %s: got %q, want %q", field, text, want)
		}
	}
}

func TestListFilters(t *testing.T) {
	c, zone := cloud(t)
	for _, test := range []struct {
		pairs []string
		want  []string
	}{
		{nil, []string{"kvm1", "kvm2"}},
		{[]string{"id", "h2"}, []string{"kvm2"}},
		{[]string{"name", "KVM1"}, []string{"kvm1"}},
		{[]string{"state", "up"}, []string{"kvm1"}},
		{[]string{"resourcestate", "Disabled"}, []string{"kvm2"}},
		{[]string{"zoneid", string(zone.ID), "podid", "p", "clusterid", "c"}, []string{"kvm1", "kvm2"}},
		{[]string{"arch", "aarch64"}, []string{"kvm2"}},
		{[]string{"type", "SecondaryStorageVM"}, []string{}},
		{[]string{"hypervisor", "Hyperv"}, []string{}},
		{[]string{"keyword", "vm2"}, []string{"kvm2"}},
		{[]string{"page", "2", "pagesize", "1"}, []string{"kvm2"}},
	} {
		if got := c.Must(c.Root, "listHosts", test.pairs...); !slices.Equal(got.Texts("host", "name"), test.want) {
			t.Errorf("%q: got %v", test.pairs, got)
		}
	}
	c.Refused(fault.Unsupported, "The API [listHosts] does not exist or is not available for the account dora", c.Dora, "listHosts")
}
