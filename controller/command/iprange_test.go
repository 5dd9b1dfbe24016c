package command_test

import (
	"testing"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestIPv4Range(t *testing.T) {
	t.Parallel()
	const gateway, netmask = "10.1.1.1", "255.255.255.0"
	for _, test := range []struct {
		passed command.IPv4Range
		want   command.Range
		text   string
	}{
		{command.IPv4Range{}, command.Range{}, ""},
		{command.IPv4Range{gateway, netmask, "", ""}, command.Range{CIDR: "10.1.1.0/24", Gateway: gateway}, ""},
		{command.IPv4Range{gateway, netmask, "10.1.1.10", "10.1.1.254"}, command.Range{"10.1.1.0/24", gateway, "10.1.1.10", "10.1.1.254"}, ""},
		{command.IPv4Range{gateway, netmask, "10.1.1.10", ""}, command.Range{"10.1.1.0/24", gateway, "10.1.1.10", "10.1.1.10"}, ""},
		{command.IPv4Range{"10.1.1.1", "255.255.255.252", "10.1.1.2", ""}, command.Range{"10.1.1.0/30", gateway, "10.1.1.2", "10.1.1.2"}, ""},
		{passed: command.IPv4Range{StartIP: "10.1.1.10"}, text: "gateway and netmask should be defined when startIP/endIP are passed in, and one with the other"},
		{passed: command.IPv4Range{Gateway: gateway}, text: "gateway and netmask should be defined when startIP/endIP are passed in, and one with the other"},
		{passed: command.IPv4Range{"gw", netmask, "", ""}, text: "gateway gw is not an IPv4 address"},
		{passed: command.IPv4Range{"fe80::1", netmask, "", ""}, text: "gateway fe80::1 is not an IPv4 address"},
		{passed: command.IPv4Range{"::ffff:10.1.1.1", netmask, "", ""}, text: "gateway ::ffff:10.1.1.1 is not an IPv4 address"},
		{passed: command.IPv4Range{gateway, "24", "", ""}, text: "netmask 24 is not an IPv4 address"},
		{passed: command.IPv4Range{gateway, "255.0.255.0", "", ""}, text: "netmask 255.0.255.0 is not a netmask from 255.0.0.0 to 255.255.255.252"},
		{passed: command.IPv4Range{gateway, "255.255.255.254", "", ""}, text: "netmask 255.255.255.254 is not a netmask from 255.0.0.0 to 255.255.255.252"},
		{passed: command.IPv4Range{gateway, "0.0.0.0", "", ""}, text: "netmask 0.0.0.0 is not a netmask from 255.0.0.0 to 255.255.255.252"},
		{passed: command.IPv4Range{"10.1.1.0", netmask, "", ""}, text: "gateway 10.1.1.0 is not an address that a host of the subnet 10.1.1.0/24 can have"},
		{passed: command.IPv4Range{"10.1.1.255", netmask, "", ""}, text: "gateway 10.1.1.255 is not an address that a host of the subnet 10.1.1.0/24 can have"},
		{passed: command.IPv4Range{gateway, netmask, "", "10.1.1.9"}, text: "endip 10.1.1.9 was passed without startip"},
		{passed: command.IPv4Range{gateway, netmask, "10.1.1.300", ""}, text: "startip 10.1.1.300 is not an IPv4 address"},
		{passed: command.IPv4Range{gateway, netmask, "10.1.2.10", ""}, text: "startip 10.1.2.10 is not in the subnet 10.1.1.0/24"},
		{passed: command.IPv4Range{gateway, netmask, "10.1.1.10", "10.1.2.9"}, text: "endip 10.1.2.9 is not in the subnet 10.1.1.0/24"},
		{passed: command.IPv4Range{gateway, netmask, "10.1.1.10", "10.1.1.255"}, text: "endip 10.1.1.255 is not an address that a host of the subnet 10.1.1.0/24 can have"},
		{passed: command.IPv4Range{gateway, netmask, "10.1.1.10", "10.1.1.9"}, text: "startip 10.1.1.10 is after endip 10.1.1.9"},
		{passed: command.IPv4Range{"10.1.1.20", netmask, "10.1.1.10", "10.1.1.30"}, text: "gateway 10.1.1.20 lies in the range from 10.1.1.10 to 10.1.1.30, which is to be given out"},
	} {
		got, err := test.passed.Range()
		if fault.Message(err) != test.text || err == nil && got != test.want || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: got %+v, %v", test.passed, got, err)
		}
	}
}

func TestIPv6Range(t *testing.T) {
	t.Parallel()
	const gateway, subnet = "2001:db8::1", "2001:db8::/64"
	for _, test := range []struct {
		passed command.IPv6Range
		want   command.Range
		text   string
	}{
		{command.IPv6Range{}, command.Range{}, ""},
		{
			command.IPv6Range{"2001:0DB8::1", "2001:db8::5/64", "2001:db8:0::10", "2001:db8::ffff:ffff:ffff:ffff"},
			command.Range{subnet, gateway, "2001:db8::10", "2001:db8::ffff:ffff:ffff:ffff"},
			"",
		},
		{passed: command.IPv6Range{StartIPv6: "2001:db8::10"}, text: "ip6Gateway and ip6Cidr should be defined when startIPv6/endIPv6 are passed in, and one with the other"},
		{passed: command.IPv6Range{"10.0.0.1", subnet, "", ""}, text: "ip6gateway 10.0.0.1 is not an IPv6 address"},
		{passed: command.IPv6Range{"fe80::1%eth0", subnet, "", ""}, text: "ip6gateway fe80::1%eth0 is not an IPv6 address"},
		{passed: command.IPv6Range{gateway, "2001:db8::/127", "", ""}, text: "ip6cidr 2001:db8::/127 is not an IPv6 subnet with a length from 1 to 126"},
		{passed: command.IPv6Range{gateway, "10.0.0.0/8", "", ""}, text: "ip6cidr 10.0.0.0/8 is not an IPv6 subnet with a length from 1 to 126"},
		{passed: command.IPv6Range{"2001:db8:1::1", subnet, "", ""}, text: "ip6gateway 2001:db8:1::1 is not in the subnet 2001:db8::/64"},
		{passed: command.IPv6Range{gateway, subnet, "2001:db8::", ""}, text: "startipv6 2001:db8:: is not an address that a host of the subnet 2001:db8::/64 can have"},
		{passed: command.IPv6Range{gateway, subnet, "2001:db8::9", "2001:db8::8"}, text: "startipv6 2001:db8::9 is after endipv6 2001:db8::8"},
	} {
		got, err := test.passed.Range()
		if fault.Message(err) != test.text || err == nil && got != test.want || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: got %+v, %v", test.passed, got, err)
		}
	}
}
