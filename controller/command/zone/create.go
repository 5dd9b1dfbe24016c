package zone

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type createParams struct {
	Name         string              `param:"name,required" doc:"the name of the zone"`
	NetworkType  networkType         `param:"networktype,required" doc:"Advanced"`
	DNS1         string              `param:"dns1,required" doc:"the first DNS server of the guests"`
	DNS2         string              `param:"dns2" doc:"the second one"`
	InternalDNS1 string              `param:"internaldns1,required" doc:"the first DNS server of the site"`
	InternalDNS2 string              `param:"internaldns2" doc:"the second one"`
	IP6DNS1      string              `param:"ip6dns1" doc:"the first DNS server of the guests, by IPv6"`
	IP6DNS2      string              `param:"ip6dns2" doc:"the second one"`
	GuestCIDR    string              `param:"guestcidraddress" doc:"the address range of isolated networks"`
	Domain       string              `param:"domain" doc:"the DNS domain of its networks"`
	LocalStorage bool                `param:"localstorageenabled" doc:"whether disks may lie on a host's own storage"`
	Allocation   resource.Allocation `param:"allocationstate" doc:"Enabled or Disabled; Disabled where absent"`
}

// networkType: CloudStack also knows Basic, which has no config drive.
type networkType string

func (networkType) Values() []string { return []string{"Advanced"} }

func (p createParams) Check() error {
	for _, server := range []struct{ name, address string }{
		{"dns1", p.DNS1},
		{"dns2", p.DNS2},
		{"internaldns1", p.InternalDNS1},
		{"internaldns2", p.InternalDNS2},
		{"ip6dns1", p.IP6DNS1},
		{"ip6dns2", p.IP6DNS2},
	} {
		if err := checkAddress(server.name, server.address); err != nil {
			return err
		}
	}
	if p.GuestCIDR == "" {
		return nil
	}
	if _, err := netip.ParsePrefix(p.GuestCIDR); err != nil {
		return fault.New(fault.Invalid, "guestcidraddress %s is not an address range", p.GuestCIDR)
	}
	return nil
}

func checkAddress(name, text string) error {
	if text == "" {
		return nil
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.Is6() != strings.HasPrefix(name, "ip6") {
		return fault.New(fault.Invalid, "%s %s is not an address of its family", name, text)
	}
	return nil
}

func create(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "createZone", Summary: "Creates a zone.", Since: "1.0", Roles: command.RootOnly, Event: "ZONE.CREATE",
	}, func(ctx context.Context, p createParams) (view.Zone, error) {
		z := &resource.Zone{
			ID: store.NewID[resource.ZoneID](), Name: p.Name, NetworkType: string(p.NetworkType),
			DNS1: p.DNS1, DNS2: p.DNS2, InternalDNS1: p.InternalDNS1, InternalDNS2: p.InternalDNS2,
			IP6DNS1: p.IP6DNS1, IP6DNS2: p.IP6DNS2, GuestCIDR: p.GuestCIDR, Domain: p.Domain,
			LocalStorage: p.LocalStorage, Allocation: resource.AllocationDisabled, Created: time.Now().UTC(),
		}
		if p.Allocation != "" {
			z.Allocation = p.Allocation
		}
		err := store.Insert(ctx, d.Store, z)
		if fault.Is(err, fault.Conflict) {
			return view.Zone{}, fault.New(fault.Invalid, "A zone with the name %s exists already", p.Name)
		}
		return view.ZoneOf(z, true), err
	})
}
