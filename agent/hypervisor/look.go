package hypervisor

import (
	"context"

	"libvirt.org/go/libvirt"

	"github.com/cairn-kvm/cairn/agent/domain"
)

// VMs lists all domains of ours, or says why it cannot: never some of them.
func (h *Host) VMs(ctx context.Context) ([]domain.VM, error) {
	return call(ctx, h, "ConnectListAllDomains", h.config.CallTimeout,
		func(_ context.Context, conn *libvirt.Connect) ([]domain.VM, error) {
			all, err := conn.ListAllDomains(0)
			if err != nil {
				return nil, err
			}
			vms := make([]domain.VM, 0, len(all))
			for i := range all {
				defer free(&all[i])
			}
			for i := range all {
				seen, err := see(&all[i])
				if err != nil {
					return nil, err
				}
				if seen != nil && seen.ours {
					vms = append(vms, seen.vm())
				}
			}
			return vms, nil
		})
}

// VM gives one of them; false where this host has none of that id.
func (h *Host) VM(ctx context.Context, vmID string) (domain.VM, bool, error) {
	seen, err := h.look(ctx, byID(vmID))
	if err != nil || seen == nil || !seen.ours {
		return domain.VM{}, false, err
	}
	return seen.vm(), true, nil
}

// A finder asks libvirt for one domain, under the name of its call.
type finder struct {
	call string
	find func(*libvirt.Connect) (*libvirt.Domain, error)
}

func byID(uuid string) finder {
	return finder{"DomainLookupByUUID", func(c *libvirt.Connect) (*libvirt.Domain, error) { return c.LookupDomainByUUIDString(uuid) }}
}

func byName(name string) finder {
	return finder{"DomainLookupByName", func(c *libvirt.Connect) (*libvirt.Domain, error) { return c.LookupDomainByName(name) }}
}

// look gives what a finder finds, nil where that is nothing.
func (h *Host) look(ctx context.Context, f finder) (*sighting, error) {
	return call(ctx, h, f.call, h.config.CallTimeout,
		func(_ context.Context, conn *libvirt.Connect) (*sighting, error) {
			d, err := f.find(conn)
			if absent(err) {
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			defer free(d)
			return see(d)
		})
}

// alter does something to the domain with that uuid. A domain that is not
// there, or not any more, is as it should be.
func (h *Host) alter(ctx context.Context, uuid, name string, do func(*libvirt.Domain) error) error {
	_, err := call(ctx, h, name, h.config.CallTimeout,
		func(ctx context.Context, conn *libvirt.Connect) (struct{}, error) {
			d, err := conn.LookupDomainByUUIDString(uuid)
			if err != nil {
				return struct{}{}, presence(err)
			}
			defer free(d)
			if err := ctx.Err(); err != nil { // the caller has been told that it is not done
				return struct{}{}, err
			}
			return struct{}{}, presence(do(d))
		})
	return err
}

// presence forgives an error that only says that there is no domain.
func presence(err error) error {
	if absent(err) {
		return nil
	}
	return err
}
