package hypervisor

import (
	"context"
	"errors"
	"time"

	"libvirt.org/go/libvirt"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// askAgain is how long to wait before the guest is asked once more: one that
// is still booting does not hear the first time.
const askAgain = 10 * time.Second

// Stop ends a VM: by asking the guest and, when the grace is over or where
// forced, by pulling the plug. It leaves no definition behind. A VM that is
// not there is stopped.
func (h *Host) Stop(ctx context.Context, vmID string, forced bool, grace time.Duration) (wasRunning bool, err error) {
	seen, err := h.look(ctx, byID(vmID))
	switch {
	case err != nil:
		return false, during("stop", vmID, err)
	case seen == nil:
		return false, nil
	case !seen.ours:
		return false, fault.New(fault.Conflict, "the domain %s (%s) on this host is not Cairn's to stop", seen.name, seen.uuid)
	}
	// A guest that is paused cannot answer.
	if seen.active && !forced && grace > 0 && seen.state != domain.Paused {
		if err := h.ask(ctx, vmID, grace); err != nil {
			return true, during("stop", vmID, err)
		}
	}
	return seen.active, during("stop", vmID, h.end(ctx, vmID))
}

// ask has the guest shut itself down and waits for that until the grace is
// over. A guest that cannot be asked is no error: the plug is pulled next.
func (h *Host) ask(ctx context.Context, vmID string, grace time.Duration) error {
	over := time.NewTimer(grace)
	defer over.Stop()
	again := time.NewTicker(askAgain)
	defer again.Stop()
	h.request(ctx, vmID)
	for {
		peal := h.changes.peal()
		seen, err := h.look(ctx, byID(vmID))
		if err != nil {
			return err
		}
		if seen == nil || !seen.active {
			return nil
		}
		select {
		case <-peal:
		case <-again.C:
			h.request(ctx, vmID)
		case <-over.C:
			h.log.InfoContext(ctx, "guest did not shut down in time", "vm", vmID, "grace", grace)
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (h *Host) request(ctx context.Context, vmID string) {
	err := h.alter(ctx, vmID, "DomainShutdown", (*libvirt.Domain).Shutdown)
	if err != nil && !fault.Is(err, fault.Conflict) { // Conflict: it ended just now
		h.log.WarnContext(ctx, "guest could not be asked to shut down", "vm", vmID, "err", err)
	}
}

// end pulls the plug, removes what definition there may be and looks whether
// all is gone.
func (h *Host) end(ctx context.Context, vmID string) error {
	if err := h.alter(ctx, vmID, "DomainDestroy", destroy); err != nil {
		return err
	}
	seen, err := h.look(ctx, byID(vmID))
	switch {
	case err != nil || seen == nil:
		return err
	case seen.active:
		return fault.New(fault.Conflict, "VM %s was started again while it was being stopped", vmID)
	case seen.persistent:
		return h.undefine(ctx, vmID)
	}
	return nil
}

// destroy forgives a domain that ended by itself.
func destroy(d *libvirt.Domain) error {
	err := d.Destroy()
	if errors.Is(err, libvirt.ERR_OPERATION_INVALID) {
		return nil
	}
	return err
}
