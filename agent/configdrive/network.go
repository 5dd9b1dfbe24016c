package configdrive

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// networkData is OpenStack's network_data.json, as Nova's API schema has it:
// all three members are required, if only as empty lists.
type networkData struct {
	Links    []link    `json:"links"`
	Networks []network `json:"networks"`
	Services []service `json:"services"`
}

type link struct {
	ID   string `json:"id"`
	MAC  string `json:"ethernet_mac_address"`
	MTU  int    `json:"mtu,omitempty"`
	Type string `json:"type"`
	VIF  string `json:"vif_id,omitempty"`
}

type network struct {
	ID        string  `json:"id"`
	Link      string  `json:"link"`
	NetworkID string  `json:"network_id"`
	Type      string  `json:"type"`
	Address   string  `json:"ip_address,omitempty"`
	Netmask   string  `json:"netmask,omitempty"`
	Routes    []route `json:"routes,omitempty"`
}

type route struct {
	Network string `json:"network"`
	Netmask string `json:"netmask"`
	Gateway string `json:"gateway"`
}

type service struct {
	Type    string `json:"type"`
	Address string `json:"address"`
}

// addNetworkData adds network_data.json, unless no network is known: to
// cloud-init, a document without networks says that the VM has none, and none
// at all that it has to ask by DHCP.
func (t *tree) addNetworkData(nics []NIC) error {
	nics = slices.SortedStableFunc(slices.Values(nics), func(a, b NIC) int { return cmp.Compare(a.Device, b.Device) })
	if err := checkNICs(nics); err != nil {
		return err
	}
	document := networkData{Services: []service{}}
	for _, n := range nics {
		if n.MAC == "" {
			continue
		}
		if err := document.add(n); err != nil {
			return err
		}
	}
	if len(document.Networks) == 0 {
		return nil
	}
	return t.addJSON("network_data.json", document, open)
}

func (d *networkData) add(n NIC) error {
	mac, err := n.mac()
	if err != nil {
		return err
	}
	if n.MTU < 0 || n.MTU > 65535 {
		return fault.New(fault.Invalid, "%s: MTU %d is not between 1 and 65535", n.name(), n.MTU)
	}
	d.Links = append(d.Links, link{ID: n.name(), MAC: mac, MTU: n.MTU, Type: "phy", VIF: n.ID})
	if err := d.addAddresses(n); err != nil {
		return err
	}
	for _, text := range n.DNS {
		dns, err := n.address("DNS address", text, either)
		if err != nil {
			return err
		}
		if s := (service{Type: "dns", Address: dns.String()}); !slices.Contains(d.Services, s) {
			d.Services = append(d.Services, s)
		}
	}
	return nil
}

// addAddresses adds a network for each family that the NIC has. Where others
// give out the addresses, IPv4 is what a NIC of which nothing is known has.
func (d *networkData) addAddresses(n NIC) error {
	switch {
	case n.DHCP && (n.IPv4 != "" || n.IPv6 == ""):
		d.addNetwork(n, network{Type: "ipv4_dhcp"})
	case n.IPv4 != "":
		if err := d.addIPv4(n); err != nil {
			return err
		}
	}
	switch {
	case n.DHCP && n.IPv6 != "":
		d.addNetwork(n, network{Type: "ipv6_dhcp"})
	case n.IPv6 != "":
		return d.addIPv6(n)
	}
	return nil
}

func (d *networkData) addIPv4(n NIC) error {
	address, err := n.address("IPv4 address", n.IPv4, netip.Addr.Is4)
	if err != nil {
		return err
	}
	w := network{Type: "ipv4", Address: address.String()}
	if w.Netmask, err = n.mask4(); err != nil {
		return err
	}
	if n.Default && n.Gateway != "" {
		gateway, err := n.address("gateway", n.Gateway, netip.Addr.Is4)
		if err != nil {
			return err
		}
		w.Routes = []route{{Network: "0.0.0.0", Netmask: "0.0.0.0", Gateway: gateway.String()}}
	}
	d.addNetwork(n, w)
	return nil
}

func (d *networkData) addIPv6(n NIC) error {
	address, err := n.address("IPv6 address", n.IPv6, netip.Addr.Is6)
	if err != nil {
		return err
	}
	w := network{Type: "ipv6", Address: address.String()}
	if w.Netmask, err = n.mask6(); err != nil {
		return err
	}
	if n.Default && n.Gateway6 != "" {
		gateway, err := n.address("IPv6 gateway", n.Gateway6, netip.Addr.Is6)
		if err != nil {
			return err
		}
		w.Routes = []route{{Network: "::", Netmask: "::", Gateway: gateway.String()}}
	}
	d.addNetwork(n, w)
	return nil
}

// addNetwork gives a network its own id: two of one NIC are two.
func (d *networkData) addNetwork(n NIC, w network) {
	w.ID, w.Link, w.NetworkID = "network"+strconv.Itoa(len(d.Networks)), n.name(), cmp.Or(n.Network, n.ID)
	d.Networks = append(d.Networks, w)
}
