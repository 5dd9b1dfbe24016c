package command

import (
	"net"
	"net/netip"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// IPv4Range are the parameters of a range of addresses to give out. Embed it.
type IPv4Range struct {
	Gateway string `param:"gateway" doc:"the gateway of the subnet"`
	Netmask string `param:"netmask" doc:"the netmask of the subnet, 255.0.0.0 to 255.255.255.252"`
	StartIP string `param:"startip" doc:"the first address to give out"`
	EndIP   string `param:"endip" doc:"the last one; startip where absent"`
}

// IPv6Range are the same for IPv6. Embed it.
type IPv6Range struct {
	IP6Gateway string `param:"ip6gateway" doc:"the IPv6 gateway of the subnet"`
	IP6CIDR    string `param:"ip6cidr" doc:"the IPv6 subnet, 2001:db8::/64; its length is 1 to 126"`
	StartIPv6  string `param:"startipv6" doc:"the first IPv6 address to give out"`
	EndIPv6    string `param:"endipv6" doc:"the last one; startipv6 where absent"`
}

// Range is a checked subnet and the part of it that is given out, in canonical
// form. What was not passed is empty; First and Last are both there or not.
type Range struct{ CIDR, Gateway, First, Last string }

// Range checks what was passed: nothing, or a whole subnet, with or without
// addresses to give out.
func (r IPv4Range) Range() (Range, error) {
	switch {
	case r == IPv4Range{}:
		return Range{}, nil
	case r.Gateway == "" || r.Netmask == "":
		return Range{}, fault.New(fault.Invalid, "gateway and netmask should be defined when startIP/endIP are passed in, and one with the other")
	}
	gateway, err := parseAddress("gateway", r.Gateway, false)
	if err != nil {
		return Range{}, err
	}
	mask, err := parseAddress("netmask", r.Netmask, false)
	if err != nil {
		return Range{}, err
	}
	ones, _ := net.IPMask(mask.AsSlice()).Size()
	if ones < 8 || ones > 30 {
		return Range{}, fault.New(fault.Invalid, "netmask %s is not a netmask from 255.0.0.0 to 255.255.255.252", r.Netmask)
	}
	subnet := subnet{netip.PrefixFrom(gateway, ones).Masked(), named{"gateway", gateway}}
	return subnet.give("startip", r.StartIP, "endip", r.EndIP)
}

// Range is that of IPv4Range.
func (r IPv6Range) Range() (Range, error) {
	switch {
	case r == IPv6Range{}:
		return Range{}, nil
	case r.IP6Gateway == "" || r.IP6CIDR == "":
		return Range{}, fault.New(fault.Invalid, "ip6Gateway and ip6Cidr should be defined when startIPv6/endIPv6 are passed in, and one with the other")
	}
	gateway, err := parseAddress("ip6gateway", r.IP6Gateway, true)
	if err != nil {
		return Range{}, err
	}
	prefix, err := netip.ParsePrefix(r.IP6CIDR)
	if err != nil || !prefix.Addr().Is6() || prefix.Addr().Is4In6() || prefix.Bits() < 1 || prefix.Bits() > 126 {
		return Range{}, fault.New(fault.Invalid, "ip6cidr %s is not an IPv6 subnet with a length from 1 to 126", r.IP6CIDR)
	}
	subnet := subnet{prefix.Masked(), named{"ip6gateway", gateway}}
	return subnet.give("startipv6", r.StartIPv6, "endipv6", r.EndIPv6)
}

// named is an address by the name of its parameter.
type named struct {
	name    string
	address netip.Addr
}

type subnet struct {
	netip.Prefix
	gateway named
}

// give checks the gateway and the range that is given out.
func (s subnet) give(startName, start, endName, end string) (Range, error) {
	r := Range{CIDR: s.String(), Gateway: s.gateway.address.String()}
	if err := s.holds(s.gateway); err != nil {
		return Range{}, err
	}
	switch {
	case start == "" && end == "":
		return r, nil
	case start == "":
		return Range{}, fault.New(fault.Invalid, "%s %s was passed without %s", endName, end, startName)
	case end == "":
		end = start
	}
	first, err := parseAddress(startName, start, s.Addr().Is6())
	if err != nil {
		return Range{}, err
	}
	last, err := parseAddress(endName, end, s.Addr().Is6())
	if err != nil {
		return Range{}, err
	}
	r.First, r.Last = first.String(), last.String()
	return r, s.span(named{startName, first}, named{endName, last})
}

// span wants both ends in the subnet, in order, and the gateway outside.
func (s subnet) span(first, last named) error {
	if err := s.holds(first); err != nil {
		return err
	}
	if err := s.holds(last); err != nil {
		return err
	}
	gateway := s.gateway.address
	switch {
	case first.address.Compare(last.address) > 0:
		return fault.New(fault.Invalid, "%s %s is after %s %s", first.name, first.address, last.name, last.address)
	case first.address.Compare(gateway) <= 0 && gateway.Compare(last.address) <= 0:
		return fault.New(fault.Invalid, "%s %s lies in the range from %s to %s, which is to be given out",
			s.gateway.name, gateway, first.address, last.address)
	}
	return nil
}

// holds wants an address that a host of the subnet can have: not the subnet's
// own, and not the broadcast of IPv4.
func (s subnet) holds(a named) error {
	switch {
	case !s.Contains(a.address):
		return fault.New(fault.Invalid, "%s %s is not in the subnet %s", a.name, a.address, s)
	case a.address == s.Addr(), a.address.Is4() && !s.Contains(a.address.Next()):
		return fault.New(fault.Invalid, "%s %s is not an address that a host of the subnet %s can have", a.name, a.address, s)
	}
	return nil
}

func parseAddress(name, text string, v6 bool) (netip.Addr, error) {
	address, err := netip.ParseAddr(text)
	if err == nil && address.Is6() == v6 && !address.Is4In6() && address.Zone() == "" {
		return address, nil
	}
	family := "IPv4"
	if v6 {
		family = "IPv6"
	}
	return netip.Addr{}, fault.New(fault.Invalid, "%s %s is not an %s address", name, text, family)
}
