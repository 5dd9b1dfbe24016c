package network

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type createParams struct {
	Name            string                     `param:"name,required" doc:"the name of the network"`
	Offering        resource.NetworkOfferingID `param:"networkofferingid,required" ref:"networkoffering:use" doc:"the offering to make it of"`
	Zone            resource.ZoneID            `param:"zoneid,required" ref:"zone:use" doc:"the zone it is in"`
	DisplayText     string                     `param:"displaytext" doc:"more about it, its name where absent"`
	VLAN            string                     `param:"vlan" doc:"untagged; for root"`
	DNS1            string                     `param:"dns1" doc:"the first DNS server of its guests, by IPv4 or IPv6; those of the zone where absent"`
	DNS2            string                     `param:"dns2" doc:"the second one; with dns1"`
	MTU             int                        `param:"privatemtu" doc:"the largest packet, 68 to 65535, with IPv6 1280 to 65535; that of the host's bridge where absent"`
	ACLType         aclType                    `param:"acltype" doc:"Account: its owner uses it; Domain: everybody does, for a Shared network that root makes. Domain where absent and it can be"`
	SubdomainAccess *bool                      `param:"subdomainaccess" doc:"true: a network with acltype Domain is for all domains"`
	command.IPv4Range
	command.IPv6Range
	command.OnBehalf
}

type aclType string

func (aclType) Values() []string { return []string{resource.ACLAccount, resource.ACLDomain} }

// Check is for what the parameters alone can tell.
func (p *createParams) Check() error {
	if p.DisplayText == "" {
		p.DisplayText = p.Name
	}
	p.VLAN = strings.TrimPrefix(p.VLAN, "vlan://")
	switch {
	case p.VLAN != "" && !strings.EqualFold(p.VLAN, untagged):
		return fault.New(fault.Unsupported, "A network with vlan %s is not supported in this version: every network is %s", p.VLAN, untagged)
	case p.SubdomainAccess != nil && !*p.SubdomainAccess && p.ACLType == resource.ACLDomain:
		return fault.New(fault.Unsupported, "subdomainaccess=false is not supported in this version: a network with acltype Domain is for all domains")
	case p.DNS2 != "" && p.DNS1 == "":
		return fault.New(fault.Invalid, "dns2 %s was passed without dns1", p.DNS2)
	}
	for i, server := range []string{p.DNS1, p.DNS2} {
		if _, err := netip.ParseAddr(server); server != "" && err != nil {
			return fault.New(fault.Invalid, "dns%d %s is not an address", i+1, server)
		}
	}
	_, _, err := p.ranges()
	return err
}

// ranges checks the addresses and the size of a packet, whose least depends on
// them.
func (p *createParams) ranges() (v4, v6 command.Range, err error) {
	if v4, err = p.IPv4Range.Range(); err != nil {
		return v4, v6, err
	}
	if v6, err = p.IPv6Range.Range(); err != nil {
		return v4, v6, err
	}
	least := 68
	if v6.CIDR != "" {
		least = 1280
	}
	if p.MTU != 0 && (p.MTU < least || p.MTU > 65535) {
		return v4, v6, fault.New(fault.Invalid, "privatemtu %d is not between %d and 65535", p.MTU, least)
	}
	return v4, v6, nil
}

func create(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "createNetwork", Summary: "Creates a network.", Since: "1.0", Roles: command.Everyone, Event: "NETWORK.CREATE",
	}, func(ctx context.Context, p createParams) (view.Network, error) {
		row, err := p.network()
		if err != nil {
			return view.Network{}, err
		}
		err = d.Store.InTx(ctx, func(ctx context.Context) error {
			if err := d.own(ctx, row, p); err != nil {
				return err
			}
			if err := d.check(ctx, row, p); err != nil {
				return err
			}
			return store.Insert(ctx, d.Store, row)
		})
		if err != nil {
			return view.Network{}, err
		}
		return view.NetworkOf(ctx, d.Store, row)
	})
}

// network is the record as far as the parameters tell it.
func (p *createParams) network() (*resource.Network, error) {
	v4, v6, err := p.ranges()
	return &resource.Network{
		ID: store.NewID[resource.NetworkID](), Name: p.Name, DisplayText: p.DisplayText, ZoneID: p.Zone, OfferingID: p.Offering,
		VLAN: strings.ToLower(p.VLAN), MTU: p.MTU,
		Gateway: v4.Gateway, Netmask: p.Netmask, StartIP: v4.First, EndIP: v4.Last,
		IP6Gateway: v6.Gateway, IP6CIDR: v6.CIDR, StartIP6: v6.First, EndIP6: v6.Last,
		DNS1: p.DNS1, DNS2: p.DNS2, Created: time.Now().UTC(),
	}, err
}

// own decides whose the network is and who may use it. The owner of one that
// is for everybody is the admin who makes it.
func (d Deps) own(ctx context.Context, row *resource.Network, p createParams) error {
	offering, err := store.Get[resource.NetworkOffering](ctx, d.Store, p.Offering)
	if err != nil {
		return err
	}
	row.GuestType, row.ACLType = offering.GuestType, string(p.ACLType)
	caller := access.From(ctx)
	if row.ACLType == "" {
		row.ACLType = resource.ACLAccount
		if row.GuestType == resource.Shared && caller.Root() && p.Account == "" {
			row.ACLType = resource.ACLDomain
		}
	}
	if row.ACLType == resource.ACLAccount {
		row.Owner, err = p.Owner(ctx, d.Store)
		return err
	}
	row.Owner = caller.Owner()
	return d.checkForAll(row, p, caller)
}

// checkForAll holds the rules of acltype Domain.
func (d Deps) checkForAll(row *resource.Network, p createParams, caller access.Caller) error {
	switch {
	case !caller.Root():
		return fault.New(fault.Denied, "Only ROOT admin is allowed to create a network with acltype Domain: every account can use it")
	case row.GuestType != resource.Shared:
		return fault.New(fault.Invalid, "AclType should be Account for network of type %s", row.GuestType)
	case p.Account != "" || p.ProjectID != "" && p.ProjectID != "-1":
		return fault.New(fault.Invalid, "A network with acltype Domain has no account and no projectid: every account can use it")
	case p.DomainID != "" && p.DomainID != caller.DomainID:
		return fault.New(fault.Unsupported, "A network for domain %s alone is not supported in this version: acltype Domain is for all domains", p.DomainID)
	}
	return nil
}
