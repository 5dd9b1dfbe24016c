package configdrive

import (
	"net"
	"net/netip"
	"strconv"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// NIC is one network interface of the VM, as its guest must set it up.
type NIC struct {
	ID       string // uuid of the NIC
	Device   int    // 0 is eth0
	MAC      string // without one a guest cannot find the NIC: it is left out
	MTU      int    // 0: not known
	Network  string // uuid of its network
	IPv4     string
	Netmask  string // of IPv4
	Gateway  string // of IPv4; used on the default NIC only
	IPv6     string
	Prefix6  int
	Gateway6 string   // used on the default NIC only
	DNS      []string // of either family
	Default  bool     // the NIC of the default routes
	DHCP     bool     // somebody on the network gives out the addresses: those here are not used
}

func (n NIC) name() string { return "eth" + strconv.Itoa(n.Device) }

// checkNICs looks at what NICs must not have in common.
func checkNICs(nics []NIC) error {
	defaults := ""
	devices, macs := make(map[int]bool), make(map[string]bool)
	for _, n := range nics {
		if devices[n.Device] {
			return fault.New(fault.Invalid, "two NICs are %s", n.name())
		}
		devices[n.Device] = true
		if n.Default && defaults != "" {
			return fault.New(fault.Invalid, "%s and %s are both the default NIC", defaults, n.name())
		}
		if n.Default {
			defaults = n.name()
		}
		mac, err := n.mac()
		if err != nil {
			return err
		}
		if mac != "" && macs[mac] {
			return fault.New(fault.Invalid, "two NICs have the MAC address %s", mac)
		}
		macs[mac] = true
	}
	return nil
}

// mac is the address in the form in which guests compare it.
func (n NIC) mac() (string, error) {
	if n.MAC == "" {
		return "", nil
	}
	mac, err := net.ParseMAC(n.MAC)
	if err != nil || len(mac) != 6 {
		return "", fault.New(fault.Invalid, "%s: MAC address %q is none", n.name(), n.MAC)
	}
	return mac.String(), nil
}

// address reads an address of one family, or of either.
func (n NIC) address(what, text string, fits func(netip.Addr) bool) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" || !fits(a) {
		return a, fault.New(fault.Invalid, "%s: %s %q is none", n.name(), what, text)
	}
	return a, nil
}

func either(netip.Addr) bool { return true }

// mask6 writes a prefix length as OpenStack's documents have it.
func (n NIC) mask6() (string, error) {
	if n.Prefix6 < 1 || n.Prefix6 > 128 {
		return "", fault.New(fault.Invalid, "%s: IPv6 prefix length %d is not between 1 and 128", n.name(), n.Prefix6)
	}
	mask, _ := netip.AddrFromSlice(net.CIDRMask(n.Prefix6, 128))
	return mask.String(), nil
}

func (n NIC) mask4() (string, error) {
	mask, err := n.address("netmask", n.Netmask, netip.Addr.Is4)
	if err != nil {
		return "", err
	}
	if ones, _ := net.IPMask(mask.AsSlice()).Size(); ones == 0 {
		return "", fault.New(fault.Invalid, "%s: netmask %q is none", n.name(), n.Netmask)
	}
	return mask.String(), nil
}
