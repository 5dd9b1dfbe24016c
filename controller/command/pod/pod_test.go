package pod_test

import (
	"slices"
	"testing"

	"github.com/cairn-kvm/cairn/controller/command/commandtest"
	"github.com/cairn-kvm/cairn/controller/command/pod"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func cloud(t *testing.T) (*commandtest.Cloud, string) {
	t.Helper()
	c := commandtest.New(t)
	c.Catalog.Add(pod.Commands(pod.Deps{Store: c.Store}))
	return c, string(c.Zone("z1").ID)
}

func TestCreate(t *testing.T) {
	c, zone := cloud(t)
	made := c.Must(c.Root, "createPod", "name", "p1", "zoneid", zone, "gateway", "10.1.1.1", "netmask", "255.255.255.0",
		"startip", "10.1.1.10", "endip", "10.1.1.20")
	for _, want := range []struct {
		text string
		path []any
	}{
		{"p1", []any{"name"}},
		{zone, []any{"zoneid"}},
		{"z1", []any{"zonename"}},
		{"Enabled", []any{"allocationstate"}},
		{"10.1.1.10", []any{"startip", 0}},
		{"10.1.1.20", []any{"endip", 0}},
		{"vlan://untagged", []any{"vlanid", 0}},
		{"0", []any{"forsystemvms", 0}},
		{"10.1.1.0/24", []any{"ipranges", 0, "cidr"}},
		{"10.1.1.10", []any{"ipranges", 0, "startip"}},
		{"10.1.1.1", []any{"ipranges", 0, "gateway"}},
	} {
		if got := made.Text(append([]any{"pod"}, want.path...)...); got != want.text {
			t.Errorf("%v: got %q, want %q", want.path, got, want.text)
		}
	}
	events, err := store.All[resource.Event](t.Context(), c.Store, store.Filter{"type": "POD.CREATE", "level": "INFO"})
	if err != nil || len(events) != 1 {
		t.Errorf("events: %v, %v", events, err)
	}
	bare := c.Must(c.Root, "createPod", "name", "bare", "zoneid", zone, "allocationstate", "disabled")
	if got := bare.Text("pod", "startip") + bare.Text("pod", "ipranges") + bare.Text("pod", "allocationstate"); got != "[][]Disabled" {
		t.Errorf("a pod without addresses has %s", got)
	}
}

func TestCreateRefuses(t *testing.T) {
	c, zone := cloud(t)
	c.Must(c.Root, "createPod", "name", "p1", "zoneid", zone)
	for _, test := range []struct {
		text  string
		pairs []string
	}{
		{"A pod with the name p1 exists already in zone " + zone, []string{"name", "p1", "zoneid", zone}},
		{"Unable to execute API command createpod due to missing parameter name", []string{"zoneid", zone}},
		{"Unable to execute API command createpod due to invalid value maybe for parameter allocationstate", []string{"name", "p", "zoneid", zone, "allocationstate", "maybe"}},
		{"startip 10.1.2.10 is not in the subnet 10.1.1.0/24", []string{"name", "p", "zoneid", zone, "gateway", "10.1.1.1", "netmask", "255.255.255.0", "startip", "10.1.2.10"}},
		{commandtest.NoSuch("createpod", "zoneid", "no"), []string{"name", "p", "zoneid", "no"}},
	} {
		c.Refused(fault.Invalid, test.text, c.Root, "createPod", test.pairs...)
	}
	c.Refused(fault.Unsupported, "The API [createPod] does not exist or is not available for the account dora", c.Dora, "createPod", "name", "p", "zoneid", zone)
}

func TestList(t *testing.T) {
	c, zone := cloud(t)
	other := string(c.Zone("z2").ID)
	id := c.Must(c.Root, "createPod", "name", "alpha", "zoneid", zone).Text("pod", "id")
	c.Must(c.Root, "createPod", "name", "beta", "zoneid", zone, "allocationstate", "Disabled")
	c.Must(c.Root, "createPod", "name", "alpha", "zoneid", other)
	for _, test := range []struct {
		pairs []string
		count string
		want  []string
	}{
		{nil, "3", []string{"alpha", "beta", "alpha"}},
		{[]string{"id", id}, "1", []string{"alpha"}},
		{[]string{"name", "ALPHA"}, "2", []string{"alpha", "alpha"}},
		{[]string{"zoneid", zone}, "2", []string{"alpha", "beta"}},
		{[]string{"allocationstate", "Disabled"}, "1", []string{"beta"}},
		{[]string{"keyword", "ET"}, "1", []string{"beta"}},
		{[]string{"name", "gamma"}, "", []string{}},
		{[]string{"page", "2", "pagesize", "2"}, "3", []string{"alpha"}},
		{[]string{"page", "3", "pagesize", "2"}, "3", []string{}},
	} {
		got := c.Must(c.Root, "listPods", test.pairs...)
		if got.Text("count") != test.count || !slices.Equal(got.Texts("pod", "name"), test.want) {
			t.Errorf("%q: got %v", test.pairs, got)
		}
	}
	c.Refused(fault.Unsupported, "The API [listPods] does not exist or is not available for the account alice", c.Alice, "listPods")
}
