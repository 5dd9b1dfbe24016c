package pool_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/command/commandtest"
	"github.com/cairn-kvm/cairn/controller/command/pool"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// cloud has the clusters c1 and c2 in the pod p of a zone.
func cloud(t *testing.T) (*commandtest.Cloud, string) {
	t.Helper()
	c := commandtest.New(t)
	c.Catalog.Add(pool.Commands(pool.Deps{Store: c.Store}))
	zone, now := c.Zone("z1"), time.Now().UTC()
	commandtest.Insert(c, &resource.Pod{ID: "p", ZoneID: zone.ID, Name: "p1", Created: now})
	commandtest.Insert(c, &resource.Pod{ID: "q", ZoneID: zone.ID, Name: "p2", Created: now})
	for _, id := range []resource.ClusterID{"c1", "c2"} {
		commandtest.Insert(c, &resource.Cluster{ID: id, ZoneID: zone.ID, PodID: "p", Name: string(id), Created: now})
	}
	return c, string(zone.ID)
}

func TestCreate(t *testing.T) {
	c, zone := cloud(t)
	for _, test := range []struct {
		url, scope, kind string
	}{
		{"SharedMountPoint://localhost/srv/shared", "", "SharedMountPoint"},
		{"file:///srv/file", "cluster", "Filesystem"},
		{"filesystem://localhost/srv/filesystem", "CLUSTER", "Filesystem"},
	} {
		made := c.Must(c.Root, "createStoragePool", "name", test.url, "url", test.url, "zoneid", zone, "scope", test.scope,
			"podid", "p", "clusterid", "c1", "provider", "DefaultPrimary", "hypervisor", "KVM", "tags", "ssd,fast")
		for field, want := range map[string]string{
			"name": test.url, "type": test.kind, "scope": "CLUSTER", "state": "Up", "zonename": "z1", "podname": "p1",
			"clusterid": "c1", "clustername": "c1", "hypervisor": "KVM", "provider": "DefaultPrimary", "tags": "ssd,fast",
			"disksizeallocated": "0", "disksizetotal": "", "ipaddress": "localhost",
		} {
			if got := made.Text("storagepool", field); got != want {
				t.Errorf("%s: %s: got %q, want %q", test.url, field, got, want)
			}
		}
	}
	wide := c.Must(c.Root, "createStoragePool", "name", "wide", "url", "file:///srv/wide", "zoneid", zone, "scope", "zone", "hypervisor", "KVM")
	if got := wide.Text("storagepool", "scope") + wide.Text("storagepool", "clusterid") + wide.Text("storagepool", "path"); got != "ZONE/srv/wide" {
		t.Errorf("a pool of the zone is %s", got)
	}
	c.Must(c.Root, "createStoragePool", "name", "elsewhere", "url", "file:///srv/file", "zoneid", zone, "podid", "p", "clusterid", "c2")
}

func TestCreateRefuses(t *testing.T) {
	c, zone := cloud(t)
	in := []string{"zoneid", zone, "podid", "p", "clusterid", "c1"}
	first := c.Must(c.Root, "createStoragePool", append(in, "name", "first", "url", "file:///srv/first")...).Text("storagepool", "id")
	for _, test := range []struct {
		kind  fault.Kind
		text  string
		pairs []string
	}{
		{fault.Unsupported, "A url with scheme nfs is not supported in this version; supported: SharedMountPoint, filesystem, file", append(in, "name", "n", "url", "nfs://host/export")},
		{fault.Unsupported, "A url with scheme rbd is not supported in this version; supported: SharedMountPoint, filesystem, file", append(in, "name", "n", "url", "rbd://admin:secret@mon/pool")},
		{fault.Invalid, `The url file:/// has path "/", which is not absolute and clean and below /`, append(in, "name", "n", "url", "file:///")},
		{fault.Invalid, "A storage pool with the name first exists already", append(in, "name", "first", "url", "file:///srv/other")},
		{fault.Conflict, "Storage pool " + first + " uses the directory /srv/first already", append(in, "name", "n", "url", "SharedMountPoint://localhost/srv/first")},
		{fault.Conflict, "Storage pool " + first + " uses the directory /srv/first already", []string{"zoneid", zone, "scope", "zone", "hypervisor", "KVM", "name", "n", "url", "file:///srv/first"}},
		{fault.Invalid, "A storage pool with scope cluster needs podid and clusterid", []string{"zoneid", zone, "name", "n", "url", "file:///srv/n"}},
		{fault.Invalid, "A storage pool with scope zone has no podid and no clusterid", append(in, "scope", "zone", "hypervisor", "KVM", "name", "n", "url", "file:///srv/n")},
		{fault.Invalid, "A storage pool with scope zone needs hypervisor", []string{"zoneid", zone, "scope", "zone", "name", "n", "url", "file:///srv/n"}},
		{fault.Unsupported, "A storage pool with scope host is not supported in this version; supported: cluster, zone", append(in, "scope", "host", "name", "n", "url", "file:///srv/n")},
		{fault.Invalid, "Cluster c1 is not in pod q and zone " + zone, []string{"zoneid", zone, "podid", "q", "clusterid", "c1", "name", "n", "url", "file:///srv/n"}},
		{fault.Invalid, "Unable to execute API command createstoragepool due to invalid value other for parameter provider", append(in, "name", "n", "url", "file:///srv/n", "provider", "other")},
		{fault.Invalid, "Unable to execute API command createstoragepool due to missing parameter url", append(in, "name", "n")},
	} {
		c.Refused(test.kind, test.text, c.Root, "createStoragePool", test.pairs...)
	}
	c.Refused(fault.Unsupported, "The API [createStoragePool] does not exist or is not available for the account alice", c.Alice, "createStoragePool")
}

func TestList(t *testing.T) {
	c, zone := cloud(t)
	made := c.Must(c.Root, "createStoragePool", "name", "alpha", "url", "file:///srv/a", "zoneid", zone, "podid", "p", "clusterid", "c1")
	id := made.Text("storagepool", "id")
	c.Must(c.Root, "createStoragePool", "name", "beta", "url", "file:///srv/b", "zoneid", zone, "scope", "zone", "hypervisor", "KVM")
	for _, volume := range []resource.VolumeID{"v1", "v2"} {
		commandtest.Insert(c, &resource.Volume{ID: volume, PoolID: resource.PoolID(id), SizeBytes: 3 << 30, Created: time.Now().UTC()})
	}
	for _, test := range []struct {
		pairs []string
		want  []string
	}{
		{nil, []string{"alpha", "beta"}},
		{[]string{"id", id}, []string{"alpha"}},
		{[]string{"name", "BETA"}, []string{"beta"}},
		{[]string{"zoneid", zone, "podid", "p", "clusterid", "c1"}, []string{"alpha"}},
		{[]string{"path", "/srv/b"}, []string{"beta"}},
		{[]string{"scope", "zone"}, []string{"beta"}},
		{[]string{"status", "Maintenance"}, []string{}},
		{[]string{"keyword", "srv"}, []string{"alpha", "beta"}},
		{[]string{"page", "2", "pagesize", "1"}, []string{"beta"}},
	} {
		if got := c.Must(c.Root, "listStoragePools", test.pairs...); !slices.Equal(got.Texts("storagepool", "name"), test.want) {
			t.Errorf("%q: got %v", test.pairs, got)
		}
	}
	if got := c.Must(c.Root, "listStoragePools", "id", id).Text("storagepool", 0, "disksizeallocated"); got != "6442450944" {
		t.Errorf("allocated %s", got)
	}
	c.Refused(fault.Unsupported, "The API [listStoragePools] does not exist or is not available for the account alice", c.Alice, "listStoragePools")
}
