package networkoffering_test

import (
	"slices"
	"testing"

	"github.com/cairn-kvm/cairn/controller/command/commandtest"
	"github.com/cairn-kvm/cairn/controller/command/networkoffering"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func cloud(t *testing.T) *commandtest.Cloud {
	t.Helper()
	c := commandtest.New(t)
	c.Catalog.Add(networkoffering.Commands(networkoffering.Deps{Store: c.Store}))
	return c
}

// drive is the usual offering with a config drive.
var drive = []string{
	"name", "cd", "guestiptype", "shared", "traffictype", "guest", "specifyvlan", "true", "specifyipranges", "true",
	"supportedservices", "UserData,dhcp,Dns",
	"serviceproviderlist[0].service", "UserData", "serviceproviderlist[0].provider", "ConfigDrive",
	"serviceproviderlist[1].service", "Dhcp", "serviceproviderlist[1].provider", "configdrive",
}

func TestCreate(t *testing.T) {
	c := cloud(t)
	made := c.Must(c.Root, "createNetworkOffering", drive...)
	for field, want := range map[string]string{
		"name": "cd", "displaytext": "cd", "guestiptype": "Shared", "traffictype": "Guest", "state": "Disabled", "availability": "Optional",
		"specifyvlan": "true", "specifyipranges": "true", "conservemode": "true", "ispersistent": "false", "forvpc": "false",
	} {
		if got := made.Text("networkoffering", field); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
	for i, name := range []string{"Dhcp", "Dns", "UserData"} {
		if got := made.Text("networkoffering", "service", i); got != "map[capability:[] name:"+name+" provider:[map[name:ConfigDrive]]]" {
			t.Errorf("service %d: %s", i, got)
		}
	}
	bare := c.Must(c.Root, "createNetworkOffering", "name", "bare", "guestiptype", "L2", "traffictype", "Guest",
		"enable", "true", "conservemode", "false", "availability", "required", "ispersistent", "true")
	for field, want := range map[string]string{
		"state": "Enabled", "service": "[]", "conservemode": "false", "availability": "Required", "ispersistent": "true", "guestiptype": "L2",
	} {
		if got := bare.Text("networkoffering", field); got != want {
			t.Errorf("bare: %s: got %q, want %q", field, got, want)
		}
	}
}

func TestCreateRefuses(t *testing.T) {
	c := cloud(t)
	c.Must(c.Root, "createNetworkOffering", drive...)
	const provider, service = "serviceproviderlist[0].provider", "serviceproviderlist[0].service"
	for _, test := range []struct {
		kind  fault.Kind
		text  string
		pairs []string
	}{
		{fault.Invalid, "A network offering with the name cd exists already", []string{"name", "cd", "guestiptype", "L2"}},
		{fault.Unsupported, "A network offering with guestiptype Isolated is not supported in this version; supported: Shared, L2", []string{"guestiptype", "Isolated"}},
		{fault.Invalid, "SpecifyIpRanges should be true if network offering's type is Shared", []string{"guestiptype", "Shared"}},
		{fault.Invalid, "SpecifyIpRanges should be false if network offering's type is L2", []string{"guestiptype", "L2", "specifyipranges", "true"}},
		{fault.Invalid, "Unable to execute API command createnetworkoffering due to invalid value Public for parameter traffictype", []string{"guestiptype", "L2", "traffictype", "Public"}},
		{fault.Invalid, "Invalid service Coffee", []string{"guestiptype", "L2", "supportedservices", "UserData,Coffee"}},
		{fault.Invalid, "Service SourceNat has no provider in this version; provided: UserData, Dhcp, Dns", []string{"guestiptype", "L2", "supportedservices", "sourcenat"}},
		{fault.Invalid, "Invalid service provider: VirtualRouter", []string{"guestiptype", "L2", "supportedservices", "UserData", service, "UserData", provider, "VirtualRouter"}},
		{fault.Invalid, "Invalid service Coffee", []string{"guestiptype", "L2", service, "Coffee", provider, "ConfigDrive"}},
		{fault.Invalid, "Service Dns is not enabled for the network offering, can't add a provider to it", []string{"guestiptype", "L2", "supportedservices", "UserData", service, "Dns", provider, "ConfigDrive"}},
		{fault.Invalid, "Provider ConfigDrive does not support service Lb", []string{"guestiptype", "L2", "supportedservices", "Lb", service, "Lb", provider, "ConfigDrive"}},
		{fault.Invalid, "In the current release only one provider can be specified for the service Dns", []string{
			"guestiptype", "L2", "supportedservices", "Dns", service, "Dns", provider, "ConfigDrive",
			"serviceproviderlist[1].service", "dns", "serviceproviderlist[1].provider", "ConfigDrive",
		}},
		{fault.Invalid, "Parameter serviceproviderlist[0] has no provider", []string{"guestiptype", "L2", service, "Dns"}},
	} {
		c.Refused(test.kind, test.text, c.Root, "createNetworkOffering", append([]string{"name", "n", "traffictype", "Guest"}, test.pairs...)...)
	}
	c.Refused(fault.Unsupported, "The API [createNetworkOffering] does not exist or is not available for the account dora", c.Dora, "createNetworkOffering", drive...)
}

func TestUpdate(t *testing.T) {
	c := cloud(t)
	id := c.Must(c.Root, "createNetworkOffering", drive...).Text("networkoffering", "id")
	c.Must(c.Root, "createNetworkOffering", "name", "other", "guestiptype", "L2", "traffictype", "Guest")
	enabled := c.Must(c.Root, "updateNetworkOffering", "id", id, "state", "enabled")
	if got := enabled.Text("networkoffering", "state") + " " + enabled.Text("networkoffering", "name"); got != "Enabled cd" {
		t.Errorf("enabled: %s", got)
	}
	changed := c.Must(c.Root, "updateNetworkOffering", "id", id, "name", "cd2", "displaytext", "two", "availability", "Required")
	for field, want := range map[string]string{"name": "cd2", "displaytext": "two", "availability": "Required", "state": "Enabled"} {
		if got := changed.Text("networkoffering", field); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
	if got := c.Must(c.Root, "updateNetworkOffering", "id", id, "state", "Disabled").Text("networkoffering", "state"); got != "Disabled" {
		t.Errorf("disabled: %s", got)
	}
	c.Refused(fault.Invalid, "A network offering with the name other exists already", c.Root, "updateNetworkOffering", "id", id, "name", "other")
	c.Refused(fault.Invalid, "Unable to execute API command updatenetworkoffering due to missing parameter id", c.Root, "updateNetworkOffering", "name", "x")
	c.Refused(fault.Invalid, "Unable to execute API command updatenetworkoffering due to invalid value on for parameter state", c.Root, "updateNetworkOffering", "id", id, "state", "on")
	c.Refused(fault.Unsupported, "The API [updateNetworkOffering] does not exist or is not available for the account alice", c.Alice, "updateNetworkOffering", "id", id)
}

func TestList(t *testing.T) {
	c := cloud(t)
	zone := string(c.Zone("z1").ID)
	id := c.Must(c.Root, "createNetworkOffering", append(drive, "enable", "true")...).Text("networkoffering", "id")
	hidden := c.Must(c.Root, "createNetworkOffering", "name", "bare", "guestiptype", "L2", "traffictype", "Guest").Text("networkoffering", "id")
	for _, test := range []struct {
		pairs []string
		want  []string
	}{
		{nil, []string{"cd", "bare"}},
		{[]string{"id", id}, []string{"cd"}},
		{[]string{"name", "BARE", "displaytext", "bare"}, []string{"bare"}},
		{[]string{"guestiptype", "L2"}, []string{"bare"}},
		{[]string{"state", "Enabled", "zoneid", zone}, []string{"cd"}},
		{[]string{"state", "Disabled"}, []string{"bare"}},
		{[]string{"specifyvlan", "false"}, []string{"bare"}},
		{[]string{"specifyipranges", "true"}, []string{"cd"}},
		{[]string{"supportedservices", "userdata,Dns"}, []string{"cd"}},
		{[]string{"supportedservices", "UserData,Lb"}, []string{}},
		{[]string{"supportedservices", "UserData", "id", hidden}, []string{}},
		{[]string{"traffictype", "Guest", "availability", "optional"}, []string{"cd", "bare"}},
		{[]string{"traffictype", "Public"}, []string{}},
		{[]string{"forvpc", "true"}, []string{}},
		{[]string{"isdefault", "true"}, []string{}},
		{[]string{"keyword", "AR"}, []string{"bare"}},
		{[]string{"page", "2", "pagesize", "1"}, []string{"bare"}},
	} {
		if got := c.Must(c.Root, "listNetworkOfferings", test.pairs...); !slices.Equal(got.Texts("networkoffering", "name"), test.want) {
			t.Errorf("%q: got %v", test.pairs, got)
		}
	}
	for _, pairs := range [][]string{nil, {"id", id}, {"state", "Enabled"}} {
		if got := c.Must(c.Alice, "listNetworkOfferings", pairs...); !slices.Equal(got.Texts("networkoffering", "name"), []string{"cd"}) {
			t.Errorf("alice: %q: got %v", pairs, got)
		}
	}
	for _, pairs := range [][]string{{"id", hidden}, {"state", "Disabled"}} {
		if got := c.Must(c.Alice, "listNetworkOfferings", pairs...); len(got) != 0 {
			t.Errorf("alice: %q: got %v", pairs, got)
		}
	}
}
