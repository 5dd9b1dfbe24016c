package network_test

import (
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/command/commandtest"
	"github.com/cairn-kvm/cairn/controller/command/network"
	"github.com/cairn-kvm/cairn/controller/resource"
)

// ids of the offerings that each test has.
const (
	shared   = "of-shared"   // Shared, with a config drive
	tagged   = "of-tagged"   // Shared, with specifyvlan
	flat     = "of-flat"     // L2
	isolated = "of-isolated" // Isolated, as an older database may have it
	disabled = "of-disabled" // L2
)

func cloud(t *testing.T) (*commandtest.Cloud, string) {
	t.Helper()
	c := commandtest.New(t)
	c.Catalog.Add(network.Commands(network.Deps{Store: c.Store}))
	for i, offering := range []resource.NetworkOffering{
		{ID: shared, GuestType: resource.Shared, SpecifyIPRanges: true, Providers: map[string]string{"UserData": "ConfigDrive", "Dhcp": "ConfigDrive"}},
		{ID: tagged, GuestType: resource.Shared, SpecifyIPRanges: true, SpecifyVLAN: true},
		{ID: flat, GuestType: resource.L2},
		{ID: isolated, GuestType: resource.Isolated},
		{ID: disabled, GuestType: resource.L2},
	} {
		offering.Name, offering.DisplayText, offering.Availability = string(offering.ID), "text", "Optional"
		offering.Enabled, offering.Created = offering.ID != disabled, time.Unix(int64(i), 0).UTC()
		commandtest.Insert(c, &offering)
	}
	return c, string(c.Zone("z1").ID)
}

// range4 is a range that no other test row overlaps unless it wants to.
func range4(third string) []string {
	return []string{"gateway", "10.1." + third + ".1", "netmask", "255.255.255.0", "startip", "10.1." + third + ".10", "endip", "10.1." + third + ".20"}
}

func with(lists ...[]string) []string {
	var all []string
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}
