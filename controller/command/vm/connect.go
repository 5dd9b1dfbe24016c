package vm

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// networks gives what the VM is to be connected to: what was asked for, else
// the one network that there is for its owner.
func (d Deps) networks(ctx context.Context, vm *resource.VM, p deployParams) ([]*resource.Network, error) {
	ids := p.Networks
	for _, address := range p.Addresses {
		ids = append(ids, address.Network)
	}
	if len(ids) == 0 {
		return d.onlyNetwork(ctx, vm)
	}
	var list []*resource.Network
	seen := map[resource.NetworkID]bool{}
	for _, id := range ids {
		network, err := store.Get[resource.Network](ctx, d.Store, id)
		switch {
		case err != nil:
			return nil, err
		case network.ZoneID != vm.ZoneID:
			return nil, fault.New(fault.Invalid, "Network %s is not in zone %s", network.ID, vm.ZoneID)
		case seen[id]:
			return nil, fault.New(fault.Invalid, "A NIC already exists for VM:%s in network: %s", vm.InstanceName, id)
		}
		seen[id] = true
		list = append(list, network)
	}
	return list, nil
}

func (d Deps) onlyNetwork(ctx context.Context, vm *resource.VM) ([]*resource.Network, error) {
	own, err := store.All[resource.Network](ctx, d.Store, store.Filter{"zone_id": vm.ZoneID, "account_id": vm.AccountID})
	if err != nil {
		return nil, err
	}
	switch len(own) {
	case 0:
		return nil, fault.New(fault.Invalid, "No (virtual) networks are found for account %s: pass networkids", vm.AccountID)
	case 1:
		return []*resource.Network{&own[0]}, nil
	}
	return nil, fault.New(fault.Invalid, "More than 1 default networks are found for account %s; please specify networkIds", vm.AccountID)
}

// connect makes the interfaces, each with its addresses.
func (d Deps) connect(ctx context.Context, vm *resource.VM, networks []*resource.Network, p deployParams) error {
	for device, network := range networks {
		wish := address{}
		switch {
		case device < len(p.Addresses):
			wish = p.Addresses[device]
		case device == 0:
			wish = address{IP: p.IPAddress, IP6: p.IP6Address, MAC: p.MACAddress}
		}
		nic := &resource.NIC{
			ID: store.NewID[resource.NICID](), VMID: vm.ID, NetworkID: network.ID, Device: device, MTU: network.MTU,
			Default: device == 0, Created: vm.Created,
		}
		if err := d.address(ctx, nic, network, wish); err != nil {
			return err
		}
		err := store.Insert(ctx, d.Store, nic)
		if fault.Is(err, fault.Conflict) {
			return fault.New(fault.Invalid, "The address %s or %s is in use already", nic.MAC, nic.IPv4)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d Deps) address(ctx context.Context, nic *resource.NIC, network *resource.Network, wish address) (err error) {
	if nic.MAC, err = d.mac(ctx, wish.MAC); err != nil {
		return err
	}
	if network.GuestType != resource.Shared {
		if wish.IP != "" || wish.IP6 != "" {
			return fault.New(fault.Invalid, "Network %s gives no addresses: it has type %s", network.ID, network.GuestType)
		}
		return nil
	}
	taken, err := store.All[resource.NIC](ctx, d.Store, store.Filter{"network_id": network.ID})
	if err != nil {
		return err
	}
	if network.StartIP != "" {
		used := func(n resource.NIC) string { return n.IPv4 }
		if nic.IPv4, err = pick(network, network.StartIP, network.EndIP, wish.IP, taken, used); err != nil {
			return err
		}
		nic.Netmask, nic.Gateway = network.Netmask, network.Gateway
	}
	if network.StartIP6 == "" {
		return nil
	}
	prefix, err := netip.ParsePrefix(network.IP6CIDR)
	if err != nil {
		return err
	}
	used := func(n resource.NIC) string { return n.IPv6 }
	nic.IPv6, err = pick(network, network.StartIP6, network.EndIP6, wish.IP6, taken, used)
	nic.IPv6Prefix, nic.IPv6Gateway = prefix.Bits(), network.IP6Gateway
	return err
}

// pick gives the wanted address of the range, or its first free one.
func pick(network *resource.Network, first, last, wanted string, taken []resource.NIC, of func(resource.NIC) string) (string, error) {
	from, err := netip.ParseAddr(first)
	if err != nil {
		return "", err
	}
	to, err := netip.ParseAddr(last)
	if err != nil {
		return "", err
	}
	used := make(map[string]bool, len(taken))
	for _, nic := range taken {
		used[of(nic)] = true
	}
	if wanted != "" {
		address, err := netip.ParseAddr(wanted)
		if err != nil || address.Compare(from) < 0 || address.Compare(to) > 0 {
			return "", fault.New(fault.Invalid, "The address %s is not in the range %s-%s of network %s", wanted, first, last, network.ID)
		}
		if used[address.String()] {
			return "", fault.New(fault.Invalid, "The address %s of network %s is in use already", wanted, network.ID)
		}
		return address.String(), nil
	}
	for address := from; address.Compare(to) <= 0; address = address.Next() {
		if !used[address.String()] {
			return address.String(), nil
		}
	}
	return "", fault.New(fault.NoCapacity, "Unable to acquire an address: all of %s-%s of network %s are in use", first, last, network.ID)
}

// mac gives the wanted MAC address, or the next of ours: locally administered,
// never given twice.
func (d Deps) mac(ctx context.Context, wanted string) (string, error) {
	if wanted != "" {
		address, err := net.ParseMAC(wanted)
		if err != nil || len(address) != 6 || address[0]&1 == 1 || address.String() == "00:00:00:00:00:00" {
			return "", fault.New(fault.Invalid, "%s is not the MAC address of an interface", wanted)
		}
		return address.String(), nil
	}
	number, err := d.Store.Next(ctx, "mac")
	address := net.HardwareAddr{0x02, 0xca, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(address[2:], uint32(number))
	return address.String(), err
}
