package workflow

import (
	"context"
	"slices"
	"time"

	"github.com/cairn-kvm/cairn/controller/dispatch"
	"github.com/cairn-kvm/cairn/controller/job"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// placeStep takes room on a host. Found again in Starting, the VM has been
// placed by this workflow's former life: a VM's jobs run one at a time.
func (m Machines) placeStep() Step[machine] {
	return Step[machine]{
		Name: "place",
		Do: func(ctx context.Context, s *machine) error {
			err := m.change(ctx, s.VM, func(ctx context.Context, vm *resource.VM) error { return m.takePlace(ctx, s, vm) })
			if fault.Is(err, fault.NoCapacity) && m.hostsReturn(ctx, s) {
				return job.Retry(time.Second, err)
			}
			s.Placed = err == nil
			return err
		},
		Undo: m.unplace,
	}
}

func (m Machines) takePlace(ctx context.Context, s *machine, vm *resource.VM) error {
	if vm.State == resource.VMRunning {
		return fault.New(fault.Invalid, "The virtual machine %s (%s) is already running", vm.ID, vm.Name)
	}
	if vm.State != resource.VMStarting {
		if err := vm.Move(resource.VMStarting); err != nil {
			return err
		}
	}
	root, err := m.rootVolume(ctx, s.VM)
	if err != nil {
		return err
	}
	if vm.HostID != "" {
		s.Host, s.Pool, s.Epoch = vm.HostID, root.PoolID, vm.Epoch
		return nil
	}
	vm.Epoch++
	if err := m.bind(ctx, s, vm, root); err != nil {
		return err
	}
	choice, err := m.Place.Place(ctx, vm, s.Wish)
	if err != nil {
		return err
	}
	s.Host, s.Pool, s.Epoch = choice.Host.ID, choice.Pool.ID, vm.Epoch
	root.PoolID = choice.Pool.ID
	return store.Update(ctx, m.Store, root, "pool_id")
}

// hostsReturn reports whether a host of the VM's zone may soon have room that
// it has not now: it has been away for a short time only, as all are after a
// restart of the controller, or it has just joined and is still looking at
// itself.
func (m Machines) hostsReturn(ctx context.Context, s *machine) bool {
	vm, err := store.Get[resource.VM](ctx, m.Store, s.VM)
	if err != nil {
		return false
	}
	hosts, err := store.All[resource.Host](ctx, m.Store, store.Filter{
		"zone_id": vm.ZoneID, "id": s.Wish.HostID, "allocation": resource.AllocationEnabled,
	})
	return err == nil && slices.ContainsFunc(hosts, func(h resource.Host) bool {
		return (h.State == resource.HostDisconnected || h.CPUs == 0) && m.Dispatch.Returns(h.ID)
	})
}

// bind narrows the choice to where the VM's disk lies: its pool, and its host
// where no other has that pool's directory.
func (m Machines) bind(ctx context.Context, s *machine, vm *resource.VM, root *resource.Volume) error {
	s.Wish.PoolID = root.PoolID
	if root.State != resource.VolumeReady {
		return nil
	}
	pool, err := store.Get[resource.Pool](ctx, m.Store, root.PoolID)
	if err != nil || pool.Type != resource.PoolFilesystem {
		return err
	}
	if s.Wish.HostID != "" && s.Wish.HostID != vm.LastHostID {
		return fault.New(fault.Invalid, "The disk of virtual machine %s lies in pool %s of host %s, and cannot be used on host %s",
			vm.ID, pool.Name, vm.LastHostID, s.Wish.HostID)
	}
	s.Wish.HostID = vm.LastHostID
	return nil
}

// unplace frees the room. A VM that was never deployed is in error; any other
// is stopped again. What an undo could not remove can still be found by the
// host that the VM was on and by its volumes, which go with the VM.
func (m Machines) unplace(ctx context.Context, s *machine) error {
	return m.change(ctx, s.VM, func(ctx context.Context, vm *resource.VM) error {
		to := resource.VMStopped
		switch {
		case s.Deploy:
			to = resource.VMError
		case !s.Placed:
			return nil // the VM was not this workflow's to change
		}
		if vm.HostID != "" {
			vm.LastHostID = vm.HostID
		}
		vm.HostID = ""
		switch vm.State {
		case to:
			return nil
		case resource.VMStopped: // the failure came before the VM was starting
			if err := vm.Move(resource.VMStarting); err != nil {
				return err
			}
		}
		return vm.Move(to)
	})
}

// startStep makes the domain and starts it.
func (m Machines) startStep(j *resource.Job) Step[machine] {
	const step = "start"
	return Step[machine]{
		Name: step,
		Do: func(ctx context.Context, s *machine) error {
			spec, err := m.domain(ctx, s)
			if err != nil {
				return err
			}
			action := s.action(j, step)
			action.Act = &agentv1.Action_StartVm{StartVm: spec}
			_, err = m.Dispatch.Do(ctx, j.ID, s.Host, action)
			return err
		},
		Undo: func(ctx context.Context, s *machine) error {
			vm, err := store.Get[resource.VM](ctx, m.Store, s.VM)
			if err != nil || s.Host == "" {
				return err
			}
			action := s.undo(j, step)
			action.Act = &agentv1.Action_StopVm{StopVm: &agentv1.StopVM{VmId: string(s.VM), InstanceName: vm.InstanceName, Forced: true}}
			return m.Dispatch.Undo(ctx, j.ID, s.Host, dispatch.ID(j.ID, step), action)
		},
	}
}

// domain is the VM as its host needs it.
func (m Machines) domain(ctx context.Context, s *machine) (*agentv1.StartVM, error) {
	vm, err := store.Get[resource.VM](ctx, m.Store, s.VM)
	if err != nil {
		return nil, err
	}
	nics, err := m.nics(ctx, s.VM)
	if err != nil {
		return nil, err
	}
	spec := &agentv1.StartVM{
		VmId: string(vm.ID), InstanceName: vm.InstanceName, Cpus: uint32(vm.CPUs), CpuMhz: uint32(vm.MHz),
		MemoryBytes: uint64(vm.MemoryMiB) << 20,
		Machine:     vm.Details["machine"], Firmware: vm.Details["firmware"], CdBus: vm.Details["cdrom.bus"],
		Nics:  nics,
		Drive: &agentv1.DriveMedium{Path: s.Drive.Path, Sha256: s.Drive.SHA256},
	}
	volumes, err := store.All[resource.Volume](ctx, m.Store, store.Filter{"vm_id": s.VM})
	for _, v := range volumes {
		spec.Disks = append(spec.Disks, &agentv1.Disk{
			VolumeId: string(v.ID), Path: v.Path, Format: v.Format, Device: uint32(v.Device), Bus: vm.Details["rootDiskController"],
		})
	}
	return spec, err
}

// runningStep is the last: the VM runs, with its drive.
func (m Machines) runningStep() Step[machine] {
	return Step[machine]{
		Name: "running",
		Do: func(ctx context.Context, s *machine) error {
			return m.change(ctx, s.VM, func(_ context.Context, vm *resource.VM) error {
				vm.LastHostID, vm.PasswordUsed = vm.HostID, len(vm.Password) > 0
				if vm.State == resource.VMRunning {
					return nil
				}
				return vm.Move(resource.VMRunning)
			})
		},
	}
}
