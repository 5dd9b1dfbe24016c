package cluster_test

import (
	"slices"
	"testing"

	"github.com/cairn-kvm/cairn/controller/command/cluster"
	"github.com/cairn-kvm/cairn/controller/command/commandtest"
	"github.com/cairn-kvm/cairn/controller/command/pod"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// cloud gives the ids of a zone and of a pod in it.
func cloud(t *testing.T) (c *commandtest.Cloud, zone, rack string) {
	t.Helper()
	c = commandtest.New(t)
	c.Catalog.Add(cluster.Commands(cluster.Deps{Store: c.Store}), pod.Commands(pod.Deps{Store: c.Store}))
	zone = string(c.Zone("z1").ID)
	return c, zone, c.Must(c.Root, "createPod", "name", "p1", "zoneid", zone).Text("pod", "id")
}

func TestAdd(t *testing.T) {
	c, zone, rack := cloud(t)
	other := string(c.Zone("z2").ID)
	passed := []string{"clustername", "c1", "clustertype", "cloudmanaged", "hypervisor", "kvm", "podid", rack, "zoneid", zone}
	added := c.Must(c.Root, "addCluster", passed...)
	for field, want := range map[string]string{
		"name": "c1", "zoneid": zone, "zonename": "z1", "podid": rack, "podname": "p1", "hypervisortype": "KVM",
		"clustertype": "CloudManaged", "managedstate": "Managed", "allocationstate": "Enabled",
	} {
		if got := added.Text("cluster", 0, field); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
	if got := added.Text("count"); got != "1" {
		t.Errorf("count %s", got)
	}
	c.Refused(fault.Invalid, "A cluster with the name c1 exists already in pod "+rack, c.Root, "addCluster", passed...)
	c.Refused(fault.Invalid, "Pod "+rack+" is not in zone "+other, c.Root, "addCluster",
		"clustername", "c2", "clustertype", "CloudManaged", "hypervisor", "KVM", "podid", rack, "zoneid", other)
	c.Refused(fault.Invalid, "Unable to execute API command addcluster due to invalid value VMware for parameter hypervisor", c.Root, "addCluster",
		"clustername", "c2", "clustertype", "CloudManaged", "hypervisor", "VMware", "podid", rack, "zoneid", zone)
	c.Refused(fault.Invalid, "Unable to execute API command addcluster due to missing parameter clustertype", c.Root, "addCluster",
		"clustername", "c2", "hypervisor", "KVM", "podid", rack, "zoneid", zone)
	c.Refused(fault.Unsupported, "The API [addCluster] does not exist or is not available for the account alice", c.Alice, "addCluster", passed...)
}

func TestList(t *testing.T) {
	c, zone, rack := cloud(t)
	second := c.Must(c.Root, "createPod", "name", "p2", "zoneid", zone).Text("pod", "id")
	add := func(name, in, state string) string {
		return c.Must(c.Root, "addCluster", "clustername", name, "clustertype", "CloudManaged", "hypervisor", "KVM",
			"podid", in, "zoneid", zone, "allocationstate", state).Text("cluster", 0, "id")
	}
	id := add("alpha", rack, "Enabled")
	add("beta", second, "Disabled")
	for _, test := range []struct {
		pairs []string
		want  []string
	}{
		{nil, []string{"alpha", "beta"}},
		{[]string{"id", id}, []string{"alpha"}},
		{[]string{"name", "Beta"}, []string{"beta"}},
		{[]string{"podid", second}, []string{"beta"}},
		{[]string{"zoneid", zone, "keyword", "a"}, []string{"alpha", "beta"}},
		{[]string{"allocationstate", "Enabled"}, []string{"alpha"}},
		{[]string{"hypervisor", "kvm", "clustertype", "CloudManaged", "managedstate", "managed"}, []string{"alpha", "beta"}},
		{[]string{"hypervisor", "VMware"}, []string{}},
		{[]string{"clustertype", "ExternalManaged"}, []string{}},
		{[]string{"managedstate", "Unmanaged"}, []string{}},
		{[]string{"page", "1", "pagesize", "1"}, []string{"alpha"}},
	} {
		if got := c.Must(c.Root, "listClusters", test.pairs...); !slices.Equal(got.Texts("cluster", "name"), test.want) {
			t.Errorf("%q: got %v", test.pairs, got)
		}
	}
	c.Refused(fault.Unsupported, "The API [listClusters] does not exist or is not available for the account alice", c.Alice, "listClusters")
}
