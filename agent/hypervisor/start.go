package hypervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"libvirt.org/go/libvirt"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// Start makes a transient domain of the spec and starts it. A VM that runs
// already under the same epoch is done; under another epoch it is a Conflict:
// either somebody else started it since, or it was never stopped. After a
// Timeout the domain may still come to life: look, or start again.
func (h *Host) Start(ctx context.Context, spec domain.Spec) error {
	if _, err := domain.XML(spec); err != nil {
		return err
	}
	runs, err := h.makeWay(ctx, spec)
	if err != nil || runs {
		return during("start", spec.VM, err)
	}
	err = h.create(ctx, spec)
	if fault.Is(err, fault.Unsupported) && spec.MHz > 0 {
		err = h.createUnweighted(ctx, spec, err)
	}
	return during("start", spec.VM, h.explain(spec, err))
}

// explain says of a failed start what libvirt's error does not: that a bridge
// is not there.
func (h *Host) explain(spec domain.Spec, err error) error {
	if err == nil {
		return nil
	}
	there, unknown := bridges(h.config.Sys)
	if unknown != nil {
		return err
	}
	for _, nic := range spec.NICs {
		if !slices.Contains(there, nic.Bridge) {
			return fault.Wrap(fault.Unavailable, err, "the host has no bridge %s", nic.Bridge)
		}
	}
	return err
}

// during adds the act to an error.
func during(act, vmID string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s VM %s: %w", act, vmID, err)
}

// createUnweighted is for hosts whose control groups have no say over CPUs:
// the VM's weight among the others is a wish, its start is not.
func (h *Host) createUnweighted(ctx context.Context, spec domain.Spec, refusal error) error {
	spec.MHz = 0
	if err := h.create(ctx, spec); err != nil {
		return errors.Join(refusal, err)
	}
	h.log.WarnContext(ctx, "VM runs without CPU shares", "vm", spec.VM, "err", refusal)
	return nil
}

func (h *Host) create(ctx context.Context, spec domain.Spec) error {
	text, err := domain.XML(spec)
	if err != nil {
		return err
	}
	_, err = call(ctx, h, "DomainCreateXML", h.config.StartTimeout,
		func(_ context.Context, conn *libvirt.Connect) (struct{}, error) {
			d, err := conn.DomainCreateXML(text, libvirt.DOMAIN_NONE)
			if err != nil {
				return struct{}{}, err
			}
			free(d)
			return struct{}{}, nil
		})
	return err
}

// makeWay finds out what already has the VM's uuid or name. It removes stale
// definitions of ours, and tells whether the VM runs already.
func (h *Host) makeWay(ctx context.Context, spec domain.Spec) (runs bool, err error) {
	for _, f := range []finder{byID(spec.VM), byName(spec.Name)} {
		seen, err := h.look(ctx, f)
		if err != nil {
			return false, err
		}
		if seen == nil {
			continue
		}
		if err := clash(seen, spec); err != nil {
			return false, err
		}
		if seen.active {
			return true, nil
		}
		if !seen.persistent { // it is about to vanish
			continue
		}
		if err := h.undefine(ctx, seen.uuid); err != nil {
			return false, err
		}
	}
	return false, nil
}

// clash says why a domain that is there forbids the start; nil where it is
// the VM itself, or a definition of ours that can go.
func clash(seen *sighting, spec domain.Spec) error {
	same := seen.ours && seen.is.VM == spec.VM
	switch {
	case !seen.ours:
		return fault.New(fault.Conflict, "the host has a domain %s (%s) that is not Cairn's", seen.name, seen.uuid)
	case same && seen.is.Epoch > spec.Epoch:
		return fault.New(fault.Conflict, "VM %s was started by a newer owner (epoch %d, this is %d)", spec.VM, seen.is.Epoch, spec.Epoch)
	case seen.active && same && seen.is.Epoch < spec.Epoch:
		return fault.New(fault.Conflict, "VM %s still runs from before (epoch %d, this is %d)", spec.VM, seen.is.Epoch, spec.Epoch)
	case seen.active && !same:
		return fault.New(fault.Conflict, "the name %s is that of VM %s, which runs on this host", spec.Name, seen.is.VM)
	}
	return nil
}

// undefine removes a definition with all that libvirt keeps beside it.
func (h *Host) undefine(ctx context.Context, uuid string) error {
	const all = libvirt.DOMAIN_UNDEFINE_MANAGED_SAVE | libvirt.DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
		libvirt.DOMAIN_UNDEFINE_CHECKPOINTS_METADATA | libvirt.DOMAIN_UNDEFINE_NVRAM
	return h.alter(ctx, uuid, "DomainUndefineFlags", func(d *libvirt.Domain) error { return d.UndefineFlags(all) })
}
