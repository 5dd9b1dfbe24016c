package sim

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type vm struct {
	spec   domain.Spec
	medium []byte // in the config drive, as it was put in
	deaf   bool
	gone   chan struct{}
}

// Start makes a domain, as the real hypervisor does: what its spec names must
// be there.
func (h *Host) Start(ctx context.Context, spec domain.Spec) error {
	if err := h.enterHypervisor(ctx, "Start"); err != nil {
		return err
	}
	if _, err := domain.XML(spec); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if running := h.vms[spec.VM]; running != nil {
		if running.spec.Epoch == spec.Epoch {
			return nil
		}
		return fault.New(fault.Conflict, "VM %s runs with epoch %d, not %d", spec.Name, running.spec.Epoch, spec.Epoch)
	}
	for _, disk := range spec.Disks {
		if _, found := h.pools.read(disk.Path); !found {
			return fault.New(fault.Unavailable, "disk %s is not there", disk.Path)
		}
	}
	medium, found := h.readImage(spec.Drive.Path)
	if spec.Drive.Path != "" && !found {
		return fault.New(fault.Unavailable, "image %s is not there", spec.Drive.Path)
	}
	h.vms[spec.VM] = &vm{spec: spec, medium: medium, gone: make(chan struct{})}
	h.changed()
	return nil
}

// Stop ends a domain. A guest shuts down at once when asked, unless it is deaf.
func (h *Host) Stop(ctx context.Context, vmID string, forced bool, grace time.Duration) (bool, error) {
	if err := h.enterHypervisor(ctx, "Stop"); err != nil {
		return false, err
	}
	h.mu.Lock()
	running := h.vms[vmID]
	h.mu.Unlock()
	if running == nil {
		return false, nil
	}
	if running.deaf && !forced {
		select {
		case <-time.After(grace):
		case <-running.gone:
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
	h.Crash(vmID)
	return true, nil
}

// Crash ends a VM from outside, as when its QEMU dies.
func (h *Host) Crash(vmID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if running := h.vms[vmID]; running != nil {
		close(running.gone)
		delete(h.vms, vmID)
		h.changed()
	}
}

// Deafen lets a guest not hear that it is asked to shut down.
func (h *Host) Deafen(vmID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if running := h.vms[vmID]; running != nil {
		running.deaf = true
	}
}

// Back brings the hypervisor back after [Host.Away].
func (h *Host) Back() {
	h.mishaps.mu.Lock()
	h.away = nil
	h.mishaps.mu.Unlock()
	h.changed()
}

// Medium is what the guest finds in its config drive.
func (h *Host) Medium(vmID string) ([]byte, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	running := h.vms[vmID]
	if running == nil {
		return nil, false
	}
	return slices.Clone(running.medium), true
}

// Spec is what a running VM was started with.
func (h *Host) Spec(vmID string) (domain.Spec, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if running := h.vms[vmID]; running != nil {
		return running.spec, true
	}
	return domain.Spec{}, false
}

// VMs lists all VMs, by id.
func (h *Host) VMs(ctx context.Context) ([]domain.VM, error) {
	if err := h.enterHypervisor(ctx, "VMs"); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]domain.VM, 0, len(h.vms))
	for _, vm := range h.vms {
		list = append(list, vm.seen())
	}
	slices.SortFunc(list, func(a, b domain.VM) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

// VM looks at one VM.
func (h *Host) VM(ctx context.Context, vmID string) (domain.VM, bool, error) {
	if err := h.enterHypervisor(ctx, "VM"); err != nil {
		return domain.VM{}, false, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if running := h.vms[vmID]; running != nil {
		return running.seen(), true, nil
	}
	return domain.VM{}, false, nil
}

func (v *vm) seen() domain.VM {
	return domain.VM{ID: v.spec.VM, Name: v.spec.Name, State: domain.Running, Epoch: v.spec.Epoch, DriveSHA256: v.spec.Drive.SHA256}
}

// Facts tells what the host is.
func (h *Host) Facts(ctx context.Context) (domain.Facts, error) {
	if err := h.enterHypervisor(ctx, "Facts"); err != nil {
		return domain.Facts{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.facts, nil
}

// SetFacts changes what the host is, as when memory is added.
func (h *Host) SetFacts(f domain.Facts) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.facts = f
	h.changed()
}

// Changes asks to look again.
func (h *Host) Changes() <-chan struct{} { return h.changes }

func (h *Host) changed() {
	select {
	case h.changes <- struct{}{}:
	default: // asked already
	}
}
