package network

import (
	"context"
	"net/netip"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// check holds the new network against its zone, its offering and the other
// networks.
func (d Deps) check(ctx context.Context, row *resource.Network, p createParams) error {
	if err := d.checkZone(ctx, row); err != nil {
		return err
	}
	offering, err := store.Get[resource.NetworkOffering](ctx, d.Store, row.OfferingID)
	if err != nil {
		return err
	}
	if err := checkOffering(offering, row, access.From(ctx)); err != nil {
		return err
	}
	if row.GuestType != resource.Shared {
		return nil
	}
	return d.checkOverlap(ctx, row)
}

func (d Deps) checkZone(ctx context.Context, row *resource.Network) error {
	zone, err := store.Get[resource.Zone](ctx, d.Store, row.ZoneID)
	if err != nil {
		return err
	}
	if zone.Allocation != resource.AllocationEnabled && !access.From(ctx).Root() {
		return fault.New(fault.Denied, "Cannot perform this operation, Zone is currently disabled: %s", zone.Name)
	}
	return nil
}

// checkOffering wants of the network what its offering says.
func checkOffering(offering *resource.NetworkOffering, row *resource.Network, caller access.Caller) error {
	addressed := row.Gateway != "" || row.IP6Gateway != ""
	switch {
	case !offering.Enabled:
		return fault.New(fault.Invalid, "Network offering %s is not in state Enabled", offering.ID)
	case row.GuestType == resource.Isolated:
		return fault.New(fault.Unsupported, "A network of type %s is not supported in this version; supported: %s, %s",
			row.GuestType, resource.Shared, resource.L2)
	case row.VLAN != "" && !caller.Root():
		return fault.New(fault.Denied, "Only ROOT admin is allowed to specify vlanId or bypass vlan overlap check")
	case row.VLAN != "" && !offering.SpecifyVLAN:
		return fault.New(fault.Invalid, "Cannot specify vlanId when create a network from network offering with specifyvlan=false")
	case row.GuestType == resource.L2 && addressed:
		return fault.New(fault.Invalid, "A network of type %s has no gateway and no addresses", resource.L2)
	case row.GuestType == resource.Shared && row.StartIP == "" && row.StartIP6 == "":
		return fault.New(fault.Invalid, "StartIp/endIp/gateway/netmask or their IPv6 kin are required when create network of type %s", resource.Shared)
	case row.Gateway != "" && row.StartIP == "":
		return fault.New(fault.Invalid, "gateway %s was passed without startip", row.Gateway)
	case row.IP6Gateway != "" && row.StartIP6 == "":
		return fault.New(fault.Invalid, "ip6gateway %s was passed without startipv6", row.IP6Gateway)
	}
	return nil
}

// checkOverlap refuses addresses that another network of the zone gives out:
// they are all on one segment.
func (d Deps) checkOverlap(ctx context.Context, row *resource.Network) error {
	others, err := store.All[resource.Network](ctx, d.Store, store.Filter{"zone_id": row.ZoneID, "guest_type": resource.Shared})
	if err != nil {
		return err
	}
	for _, other := range others {
		first, last := row.StartIP, row.EndIP
		if !overlap(first, last, other.StartIP, other.EndIP) {
			first, last = row.StartIP6, row.EndIP6
			if !overlap(first, last, other.StartIP6, other.EndIP6) {
				continue
			}
		}
		whose := "another network of the zone"
		if access.From(ctx).Root() {
			whose = "network " + string(other.ID)
		}
		return fault.New(fault.Invalid, "The range %s-%s overlaps with that of %s", first, last, whose)
	}
	return nil
}

// overlap reports whether two ranges share an address; an empty one shares
// none.
func overlap(first, last, otherFirst, otherLast string) bool {
	var ends [4]netip.Addr
	for i, text := range []string{first, last, otherFirst, otherLast} {
		address, err := netip.ParseAddr(text)
		if err != nil {
			return false
		}
		ends[i] = address
	}
	return ends[0].Compare(ends[3]) <= 0 && ends[2].Compare(ends[1]) <= 0
}
