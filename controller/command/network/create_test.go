package network_test

import (
	"testing"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command/commandtest"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestCreateShared(t *testing.T) {
	c, zone := cloud(t)
	made := c.Must(c.Root, "createNetwork", with(range4("1"), []string{
		"name", "lan", "networkofferingid", shared, "zoneid", zone, "dns1", "10.1.1.53", "privatemtu", "1400",
		"ip6gateway", "2001:db8::1", "ip6cidr", "2001:db8::/64", "startipv6", "2001:db8::10", "endipv6", "2001:DB8::20",
	})...)
	for field, want := range map[string]string{
		"name": "lan", "displaytext": "lan", "type": "Shared", "state": "Setup", "traffictype": "Guest", "broadcastdomaintype": "Native",
		"gateway": "10.1.1.1", "netmask": "255.255.255.0", "cidr": "10.1.1.0/24", "ip6gateway": "2001:db8::1", "ip6cidr": "2001:db8::/64",
		"dns1": "10.1.1.53", "dns2": "", "privatemtu": "1400", "zoneid": zone, "zonename": "z1", "acltype": "Domain", "subdomainaccess": "true",
		"networkofferingid": shared, "networkofferingname": shared, "networkofferingdisplaytext": "text", "networkofferingavailability": "Optional",
		"specifyipranges": "true", "specifyvlan": "false", "canusefordeploy": "true", "issystem": "false", "ispersistent": "false",
		"account": "admin", "domain": "ROOT", "domainpath": "ROOT/", "vlan": "",
		"service": "[map[capability:[] name:Dhcp provider:[map[name:ConfigDrive]]] map[capability:[] name:UserData provider:[map[name:ConfigDrive]]]]",
	} {
		if got := made.Text("network", field); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
	row, err := store.Get[resource.Network](t.Context(), c.Store, resource.NetworkID(made.Text("network", "id")))
	if err != nil {
		t.Fatal(err)
	}
	if got := []string{row.StartIP, row.EndIP, row.StartIP6, row.EndIP6}; got[0] != "10.1.1.10" || got[1] != "10.1.1.20" || got[2] != "2001:db8::10" || got[3] != "2001:db8::20" {
		t.Errorf("the ranges are %q", got)
	}
}

func TestCreateL2(t *testing.T) {
	c, zone := cloud(t)
	made := c.Must(c.Alice, "createNetwork", "name", "wire", "displaytext", "a wire", "networkofferingid", flat, "zoneid", zone)
	for field, want := range map[string]string{
		"type": "L2", "state": "Implemented", "acltype": "Account", "subdomainaccess": "", "account": "alice", "domain": "acme",
		"domainpath": "ROOT/acme/", "gateway": "", "cidr": "", "dns1": "9.9.9.9", "displaytext": "a wire", "service": "[]", "tags": "[]",
	} {
		if got := made.Text("network", field); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
}

func TestCreateUntagged(t *testing.T) {
	c, zone := cloud(t)
	for i, vlan := range []string{"untagged", "vlan://UNTAGGED"} {
		made := c.Must(c.Root, "createNetwork", with(range4([]string{"1", "2"}[i]), []string{"name", "n", "networkofferingid", tagged, "zoneid", zone, "vlan", vlan})...)
		if got := made.Text("network", "broadcastdomaintype") + made.Text("network", "vlan") + made.Text("network", "broadcasturi"); got != "Vlanuntaggedvlan://untagged" {
			t.Errorf("vlan %s: %s", vlan, got)
		}
		seen := c.Must(c.Alice, "listNetworks", "id", made.Text("network", "id"))
		if got := seen.Text("network", 0, "broadcastdomaintype") + seen.Text("network", 0, "vlan") + seen.Text("network", 0, "broadcasturi"); got != "Vlan" {
			t.Errorf("alice sees vlan %s", got)
		}
	}
}

func TestCreateOwners(t *testing.T) {
	c, zone := cloud(t)
	acme := string(c.Alice.DomainID)
	for name, test := range map[string]struct {
		caller         access.Caller
		pairs          []string
		account, grade string
	}{
		"a user's shared":     {c.Alice, with(range4("1"), []string{"networkofferingid", shared}), "alice", "Account"},
		"dora's shared":       {c.Dora, with(range4("2"), []string{"networkofferingid", shared}), "dora", "Account"},
		"root's own shared":   {c.Root, with(range4("3"), []string{"networkofferingid", shared, "acltype", "account"}), "admin", "Account"},
		"root for alice":      {c.Root, with(range4("4"), []string{"networkofferingid", shared, "account", "alice", "domainid", acme}), "alice", "Account"},
		"dora for alice":      {c.Dora, []string{"networkofferingid", flat, "account", "alice", "domainid", acme}, "alice", "Account"},
		"root for everybody":  {c.Root, with(range4("5"), []string{"networkofferingid", shared, "acltype", "Domain", "domainid", string(c.Root.DomainID), "subdomainaccess", "true"}), "admin", "Domain"},
		"root's own flat one": {c.Root, []string{"networkofferingid", flat, "projectid", "-1"}, "admin", "Account"},
	} {
		t.Run(name, func(t *testing.T) {
			made := c.Must(test.caller, "createNetwork", with(test.pairs, []string{"name", name, "zoneid", zone})...)
			if account, grade := made.Text("network", "account"), made.Text("network", "acltype"); account != test.account || grade != test.grade {
				t.Errorf("got %s, %s", account, grade)
			}
		})
	}
}

func TestCreateRefuses(t *testing.T) {
	c, zone := cloud(t)
	closed := c.Zone("closed")
	closed.Allocation = resource.AllocationDisabled
	if err := store.Update(t.Context(), c.Store, closed); err != nil {
		t.Fatal(err)
	}
	taken := c.Must(c.Root, "createNetwork", with(range4("9"), []string{"name", "taken", "networkofferingid", shared, "zoneid", zone})...).Text("network", "id")
	acme := string(c.Alice.DomainID)
	for _, test := range []struct {
		caller access.Caller
		kind   fault.Kind
		text   string
		pairs  []string
	}{
		{c.Alice, fault.Unsupported, "A network with vlan 100 is not supported in this version: every network is untagged", []string{"networkofferingid", flat, "vlan", "100"}},
		{c.Alice, fault.Denied, "Only ROOT admin is allowed to specify vlanId or bypass vlan overlap check", []string{"networkofferingid", flat, "vlan", "untagged"}},
		{c.Root, fault.Invalid, "Cannot specify vlanId when create a network from network offering with specifyvlan=false", []string{"networkofferingid", flat, "vlan", "untagged"}},
		{c.Root, fault.Invalid, "Network offering of-disabled is not in state Enabled", []string{"networkofferingid", disabled}},
		{c.Root, fault.Unsupported, "A network of type Isolated is not supported in this version; supported: Shared, L2", []string{"networkofferingid", isolated}},
		{c.Alice, fault.Denied, "Cannot perform this operation, Zone is currently disabled: closed", []string{"networkofferingid", flat, "zoneid", string(closed.ID)}},
		{c.Alice, fault.Invalid, "A network of type L2 has no gateway and no addresses", with(range4("1"), []string{"networkofferingid", flat})},
		{c.Root, fault.Invalid, "StartIp/endIp/gateway/netmask or their IPv6 kin are required when create network of type Shared", []string{"networkofferingid", shared}},
		{c.Root, fault.Invalid, "gateway 10.1.1.1 was passed without startip", []string{"networkofferingid", shared, "gateway", "10.1.1.1", "netmask", "255.255.255.0", "ip6gateway", "2001:db8::1", "ip6cidr", "2001:db8::/64", "startipv6", "2001:db8::9"}},
		{c.Root, fault.Invalid, "ip6gateway 2001:db8::1 was passed without startipv6", with(range4("1"), []string{"networkofferingid", shared, "ip6gateway", "2001:db8::1", "ip6cidr", "2001:db8::/64"})},
		{c.Root, fault.Invalid, "gateway and netmask should be defined when startIP/endIP are passed in, and one with the other", []string{"networkofferingid", shared, "startip", "10.1.1.5"}},
		{c.Root, fault.Invalid, "gateway 10.1.1.15 lies in the range from 10.1.1.10 to 10.1.1.20, which is to be given out", with(range4("1"), []string{"networkofferingid", shared, "gateway", "10.1.1.15"})},
		{c.Root, fault.Invalid, "The range 10.1.9.10-10.1.9.20 overlaps with that of network " + taken, with(range4("9"), []string{"networkofferingid", shared})},
		{c.Alice, fault.Invalid, "The range 10.1.9.10-10.1.9.20 overlaps with that of another network of the zone", with(range4("9"), []string{"networkofferingid", shared})},
		{c.Alice, fault.Denied, "Only ROOT admin is allowed to create a network with acltype Domain: every account can use it", with(range4("1"), []string{"networkofferingid", shared, "acltype", "Domain"})},
		{c.Dora, fault.Denied, "Only ROOT admin is allowed to create a network with acltype Domain: every account can use it", with(range4("1"), []string{"networkofferingid", shared, "acltype", "Domain"})},
		{c.Root, fault.Invalid, "AclType should be Account for network of type L2", []string{"networkofferingid", flat, "acltype", "Domain"}},
		{c.Root, fault.Invalid, "A network with acltype Domain has no account and no projectid: every account can use it", with(range4("1"), []string{"networkofferingid", shared, "acltype", "Domain", "account", "alice", "domainid", acme})},
		{c.Root, fault.Unsupported, "A network for domain " + acme + " alone is not supported in this version: acltype Domain is for all domains", with(range4("1"), []string{"networkofferingid", shared, "domainid", acme})},
		{c.Root, fault.Unsupported, "subdomainaccess=false is not supported in this version: a network with acltype Domain is for all domains", with(range4("1"), []string{"networkofferingid", shared, "acltype", "Domain", "subdomainaccess", "false"})},
		{c.Bob, fault.Invalid, commandtest.NoSuch("createnetwork", "domainid", acme), []string{"networkofferingid", flat, "account", "alice", "domainid", acme}},
		{c.Root, fault.Invalid, "dns2 9.9.9.9 was passed without dns1", []string{"networkofferingid", flat, "dns2", "9.9.9.9"}},
		{c.Root, fault.Invalid, "dns2 resolver is not an address", []string{"networkofferingid", flat, "dns1", "9.9.9.9", "dns2", "resolver"}},
		{c.Root, fault.Invalid, "privatemtu 67 is not between 68 and 65535", []string{"networkofferingid", flat, "privatemtu", "67"}},
		{c.Root, fault.Invalid, "privatemtu 1279 is not between 1280 and 65535", []string{"networkofferingid", shared, "privatemtu", "1279", "ip6gateway", "2001:db8::1", "ip6cidr", "2001:db8::/64"}},
		{c.Root, fault.Invalid, "Unable to execute API command createnetwork due to missing parameter networkofferingid", nil},
	} {
		c.Refused(test.kind, test.text, test.caller, "createNetwork", with([]string{"name", "n", "zoneid", zone}, test.pairs)...)
	}
	if left, err := store.Count[resource.Network](t.Context(), c.Store, nil); err != nil || left != 1 {
		t.Errorf("a refusal left %d networks, %v", left-1, err)
	}
}

func TestCreateBesideOthers(t *testing.T) {
	c, zone := cloud(t)
	other := string(c.Zone("z2").ID)
	v6 := []string{"ip6gateway", "2001:db8::1", "ip6cidr", "2001:db8::/64", "startipv6", "2001:db8::10", "endipv6", "2001:db8::1f"}
	create := func(zone string, pairs ...string) []string {
		return with([]string{"name", "n", "networkofferingid", shared, "zoneid", zone}, pairs)
	}
	c.Must(c.Root, "createNetwork", create(zone, range4("1")...)...)
	c.Must(c.Root, "createNetwork", create(other, range4("1")...)...)
	c.Must(c.Root, "createNetwork", create(zone, "gateway", "10.1.1.1", "netmask", "255.255.255.0", "startip", "10.1.1.21")...)
	first := c.Must(c.Root, "createNetwork", create(zone, v6...)...).Text("network", "id")
	c.Refused(fault.Invalid, "The range 2001:db8::1f-2001:db8::1f overlaps with that of network "+first, c.Root, "createNetwork",
		create(zone, "ip6gateway", "2001:db8::1", "ip6cidr", "2001:db8::/64", "startipv6", "2001:db8::1f")...)
}
