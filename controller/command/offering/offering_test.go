package offering_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/command/commandtest"
	"github.com/cairn-kvm/cairn/controller/command/offering"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func cloud(t *testing.T) *commandtest.Cloud {
	t.Helper()
	c := commandtest.New(t)
	c.Catalog.Add(offering.Commands(offering.Deps{Store: c.Store}))
	return c
}

func TestCreate(t *testing.T) {
	c := cloud(t)
	made := c.Must(c.Root, "createServiceOffering", "name", "small", "displaytext", "1 CPU", "cpunumber", "1", "cpuspeed", "1000",
		"memory", "512", "rootdisksize", "20", "hosttags", "gpu", "tags", "ssd", "offerha", "true", "limitcpuuse", "true", "storagetype", "LOCAL")
	for field, want := range map[string]string{
		"name": "small", "displaytext": "1 CPU", "cpunumber": "1", "cpuspeed": "1000", "memory": "512", "iscustomized": "false",
		"rootdisksize": "20", "hosttags": "gpu", "storagetags": "ssd", "offerha": "true", "limitcpuuse": "true", "storagetype": "local",
		"provisioningtype": "thin", "state": "Active", "issystem": "false",
	} {
		if got := made.Text("serviceoffering", field); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
	custom := c.Must(c.Root, "createServiceOffering", "name", "custom", "customized", "true")
	for field, want := range map[string]string{"displaytext": "custom", "iscustomized": "true", "cpunumber": "", "memory": "", "storagetype": "shared"} {
		if got := custom.Text("serviceoffering", field); got != want {
			t.Errorf("custom: %s: got %q, want %q", field, got, want)
		}
	}
}

func TestCreateRefuses(t *testing.T) {
	c := cloud(t)
	for _, test := range []struct {
		text  string
		pairs []string
	}{
		{"Unable to execute API command createserviceoffering due to missing parameter name", nil},
		{"Service offering o: specify the cpu number value between 1 and 1024, not 0", []string{"cpunumber", "0", "cpuspeed", "1", "memory", "32"}},
		{"Service offering o: specify the cpu number value between 1 and 1024, not 1025", []string{"cpunumber", "1025", "cpuspeed", "1", "memory", "32"}},
		{"Service offering o: specify the cpu speed value between 1 and 100000, not 0", []string{"cpunumber", "1", "cpuspeed", "0", "memory", "32"}},
		{"Service offering o: specify the memory value between 32 and 16777216, not 31", []string{"cpunumber", "1", "cpuspeed", "1", "memory", "31"}},
		{"Service offering o: specify the root disk size between 1 and 65536 GiB, not 0", []string{"rootdisksize", "0"}},
		{"Service offering o: specify all of cpunumber, cpuspeed and memory, or none of them for a custom one", []string{"cpunumber", "1", "memory", "512"}},
		{"Service offering o: a customized one has no cpunumber, cpuspeed and memory, every other has all of them", []string{"cpunumber", "1", "cpuspeed", "1", "memory", "32", "customized", "true"}},
		{"Service offering o: a customized one has no cpunumber, cpuspeed and memory, every other has all of them", []string{"customized", "false"}},
		{"Unable to execute API command createserviceoffering due to invalid value many for parameter cpunumber", []string{"cpunumber", "many"}},
		{"Unable to execute API command createserviceoffering due to invalid value tape for parameter storagetype", []string{"storagetype", "tape"}},
	} {
		name := []string{"name", "o"}
		if test.pairs == nil {
			name = nil
		}
		c.Refused(fault.Invalid, test.text, c.Root, "createServiceOffering", append(name, test.pairs...)...)
	}
	c.Refused(fault.Unsupported, "The API [createServiceOffering] does not exist or is not available for the account dora", c.Dora, "createServiceOffering", "name", "o")
}

func TestList(t *testing.T) {
	c := cloud(t)
	small := c.Must(c.Root, "createServiceOffering", "name", "small", "cpunumber", "1", "cpuspeed", "1000", "memory", "512").Text("serviceoffering", "id")
	c.Must(c.Root, "createServiceOffering", "name", "large", "cpunumber", "8", "cpuspeed", "2000", "memory", "8192", "storagetype", "local")
	custom := c.Must(c.Root, "createServiceOffering", "name", "custom").Text("serviceoffering", "id")
	now := time.Now().UTC()
	commandtest.Insert(c, &resource.ServiceOffering{ID: "old", Name: "old", State: "Inactive", Created: now})
	commandtest.Insert(c, &resource.VM{ID: "v1", Number: 1, Owner: c.Alice.Owner(), OfferingID: resource.ServiceOfferingID(small), Created: now, Updated: now})
	commandtest.Insert(c, &resource.VM{ID: "v2", Number: 2, Owner: c.Alice.Owner(), OfferingID: resource.ServiceOfferingID(custom), Created: now, Updated: now})
	zone := string(c.Zone("z1").ID)
	for _, test := range []struct {
		pairs []string
		want  []string
	}{
		{nil, []string{"small", "large", "custom"}},
		{[]string{"id", small}, []string{"small"}},
		{[]string{"id", "old"}, []string{"old"}},
		{[]string{"name", "LARGE", "zoneid", zone, "listall", "true"}, []string{"large"}},
		{[]string{"keyword", "AL"}, []string{"small"}},
		{[]string{"cpunumber", "8"}, []string{"large"}},
		{[]string{"memory", "512", "cpuspeed", "1000"}, []string{"small"}},
		{[]string{"storagetype", "local"}, []string{"large"}},
		{[]string{"state", "inactive"}, []string{"old"}},
		{[]string{"issystem", "true"}, []string{}},
		{[]string{"issystem", "false"}, []string{"small", "large", "custom"}},
		{[]string{"virtualmachineid", "v1"}, []string{"large", "custom"}},
		{[]string{"virtualmachineid", "v1", "id", small}, []string{}},
		{[]string{"virtualmachineid", "v2"}, []string{"small", "large", "custom"}},
		{[]string{"page", "2", "pagesize", "2"}, []string{"custom"}},
	} {
		if got := c.Must(c.Alice, "listServiceOfferings", test.pairs...); !slices.Equal(got.Texts("serviceoffering", "name"), test.want) {
			t.Errorf("%q: got %v", test.pairs, got)
		}
	}
	c.Refused(fault.Invalid, commandtest.NoSuch("listserviceofferings", "virtualmachineid", "v1"), c.Bob, "listServiceOfferings", "virtualmachineid", "v1")
}
