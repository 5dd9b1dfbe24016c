package network_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command/commandtest"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestList(t *testing.T) {
	c, zone := cloud(t)
	other := string(c.Zone("z2").ID)
	c.Must(c.Root, "createNetwork", with(range4("1"), []string{"name", "public", "networkofferingid", shared, "zoneid", zone})...)
	hers := c.Must(c.Alice, "createNetwork", "name", "hers", "networkofferingid", flat, "zoneid", zone).Text("network", "id")
	c.Must(c.Bob, "createNetwork", "name", "his", "networkofferingid", flat, "zoneid", other)
	acme := string(c.Alice.DomainID)
	for _, test := range []struct {
		caller access.Caller
		count  string
		want   []string
		pairs  []string
	}{
		{c.Root, "1", []string{"public"}, nil},
		{c.Root, "3", []string{"public", "hers", "his"}, []string{"listall", "true"}},
		{c.Root, "2", []string{"public", "hers"}, []string{"account", "alice", "domainid", acme}},
		{c.Root, "1", []string{"hers"}, []string{"id", hers}},
		{c.Dora, "2", []string{"public", "hers"}, []string{"listall", "true", "projectid", "-1"}},
		{c.Alice, "2", []string{"public", "hers"}, nil},
		{c.Alice, "2", []string{"public", "hers"}, []string{"listall", "true"}},
		{c.Alice, "1", []string{"hers"}, []string{"name", "HERS"}},
		{c.Alice, "1", []string{"hers"}, []string{"keyword", "er"}},
		{c.Alice, "1", []string{"hers"}, []string{"type", "L2"}},
		{c.Alice, "1", []string{"public"}, []string{"acltype", "Domain"}},
		{c.Alice, "1", []string{"hers"}, []string{"networkfilter", "account"}},
		{c.Alice, "1", []string{"public"}, []string{"networkfilter", "Domain"}},
		{c.Alice, "2", []string{"public", "hers"}, []string{"networkfilter", "all"}},
		{c.Alice, "", []string{}, []string{"networkfilter", "shared"}},
		{c.Root, "", []string{}, []string{"networkfilter", "account"}},
		{c.Alice, "1", []string{"public"}, []string{"supportedservices", "userdata,Dhcp"}},
		{c.Alice, "", []string{}, []string{"supportedservices", "Lb"}},
		{c.Alice, "1", []string{"hers"}, []string{"networkofferingid", flat}},
		{c.Alice, "2", []string{"public", "hers"}, []string{"traffictype", "guest", "zoneid", zone}},
		{c.Alice, "", []string{}, []string{"traffictype", "Public"}},
		{c.Alice, "", []string{}, []string{"issystem", "true"}},
		{c.Alice, "", []string{}, []string{"forvpc", "true"}},
		{c.Alice, "", []string{}, []string{"restartrequired", "true"}},
		{c.Alice, "2", []string{"hers"}, []string{"page", "2", "pagesize", "1"}},
		{c.Bob, "2", []string{"public", "his"}, []string{"listall", "true"}},
		{c.Bob, "1", []string{"his"}, []string{"zoneid", other}},
	} {
		got := c.Must(test.caller, "listNetworks", test.pairs...)
		if got.Text("count") != test.count || !slices.Equal(got.Texts("network", "name"), test.want) {
			t.Errorf("%s: %q: got %v", test.caller.UserName, test.pairs, got)
		}
	}
	c.Refused(fault.Invalid, commandtest.NoSuch("listnetworks", "id", hers), c.Bob, "listNetworks", "id", hers)
	c.Refused(fault.Invalid, commandtest.NoSuch("listnetworks", "domainid", acme), c.Bob, "listNetworks", "account", "alice", "domainid", acme)
}

func TestDelete(t *testing.T) {
	c, zone := cloud(t)
	public := c.Must(c.Root, "createNetwork", with(range4("1"), []string{"name", "public", "networkofferingid", shared, "zoneid", zone})...).Text("network", "id")
	hers := c.Must(c.Alice, "createNetwork", "name", "hers", "networkofferingid", flat, "zoneid", zone).Text("network", "id")
	nic := commandtest.Insert(c, &resource.NIC{ID: "n", NetworkID: resource.NetworkID(hers), MAC: "02:00:00:00:00:01", Created: time.Now().UTC()})

	c.Refused(fault.Invalid, commandtest.NoSuch("deletenetwork", "id", hers), c.Bob, "deleteNetwork", "id", hers)
	c.Refused(fault.Invalid, commandtest.NoSuch("deletenetwork", "id", public), c.Alice, "deleteNetwork", "id", public)
	c.Refused(fault.Conflict, "Network "+hers+" cannot be deleted: 1 interfaces of VMs are in it; expunge the VMs first", c.Alice, "deleteNetwork", "id", hers)
	if _, err := store.Delete[resource.NIC](t.Context(), c.Store, store.Filter{"id": nic.ID}); err != nil {
		t.Fatal(err)
	}
	if got := c.Must(c.Alice, "deleteNetwork", "id", hers).Text("success"); got != "true" {
		t.Errorf("success %s", got)
	}
	c.Refused(fault.Invalid, commandtest.NoSuch("deletenetwork", "id", hers), c.Alice, "deleteNetwork", "id", hers)
	c.Must(c.Root, "deleteNetwork", "id", public)
	if left, err := store.Count[resource.Network](t.Context(), c.Store, nil); err != nil || left != 0 {
		t.Errorf("%d networks are left, %v", left, err)
	}
}

// A job that ran before the process was killed runs again.
func TestDeleteAgain(t *testing.T) {
	c, _ := cloud(t)
	job := &resource.Job{Command: "deleteNetwork", Params: map[string]string{"id": "gone"}}
	if body, err := c.Catalog.Execute(t.Context(), job); err != nil || string(body) != `{"success":true}` {
		t.Errorf("got %s, %v", body, err)
	}
}
