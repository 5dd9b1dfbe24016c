package workflow

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// nics are the VM's interfaces as the drive and the domain need them.
func (m Machines) nics(ctx context.Context, vm resource.VMID) ([]*agentv1.NIC, error) {
	rows, err := store.All[resource.NIC](ctx, m.Store, store.Filter{"vm_id": vm})
	if err != nil {
		return nil, err
	}
	nics := make([]*agentv1.NIC, len(rows))
	for i, row := range rows {
		network, err := store.Get[resource.Network](ctx, m.Store, row.NetworkID)
		if err != nil {
			return nil, err
		}
		zone, err := store.Get[resource.Zone](ctx, m.Store, network.ZoneID)
		if err != nil {
			return nil, err
		}
		nics[i] = &agentv1.NIC{
			Id: string(row.ID), Device: uint32(row.Device), Mac: row.MAC, Mtu: uint32(row.MTU),
			NetworkId: string(network.ID), Bridge: network.Bridge,
			Ipv4: row.IPv4, Netmask: row.Netmask, Gateway: row.Gateway,
			Ipv6: row.IPv6, Ipv6Prefix: uint32(row.IPv6Prefix), Ipv6Gateway: row.IPv6Gateway,
			Dns: resolvers(network, zone), Default: row.Default,
			Dhcp: row.IPv4 == "" && row.IPv6 == "", // we gave no address: whoever runs the segment does
		}
	}
	return nics, nil
}

// resolvers are the network's DNS servers, or else its zone's.
func resolvers(network *resource.Network, zone *resource.Zone) []string {
	from := []string{network.DNS1, network.DNS2}
	if network.DNS1 == "" {
		from = []string{zone.DNS1, zone.DNS2, zone.IP6DNS1, zone.IP6DNS2}
	}
	var list []string
	for _, server := range from {
		if server != "" {
			list = append(list, server)
		}
	}
	return list
}

func (m Machines) defaultNIC(ctx context.Context, vm resource.VMID) (*resource.NIC, error) {
	rows, err := store.All[resource.NIC](ctx, m.Store, store.Filter{"vm_id": vm, "is_default": true})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}
