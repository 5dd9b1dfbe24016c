package workflow

import (
	"cmp"
	"context"
	"slices"

	"github.com/cairn-kvm/cairn/controller/dispatch"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// stoppingStep begins the end of a run. A VM that does not run is left alone,
// and so is all that follows, for there is no host; but where a start has
// failed, its last host is made to have nothing of it.
func (m Machines) stoppingStep() Step[machine] {
	return Step[machine]{
		Name: "stopping",
		Do: func(ctx context.Context, s *machine) error {
			return m.change(ctx, s.VM, func(_ context.Context, vm *resource.VM) error {
				s.Host, s.Epoch = vm.HostID, vm.Epoch
				if vm.DrivePlace != "" || vm.State == resource.VMError {
					s.Host = cmp.Or(vm.HostID, vm.LastHostID) // an undo may have left something there
				}
				if vm.State != resource.VMRunning && vm.State != resource.VMStarting {
					return nil
				}
				vm.Epoch++
				s.Epoch = vm.Epoch
				return vm.Move(resource.VMStopping)
			})
		},
		Undo: func(ctx context.Context, s *machine) error {
			return m.change(ctx, s.VM, func(_ context.Context, vm *resource.VM) error {
				if vm.State != resource.VMStopping {
					return nil
				}
				return vm.Move(resource.VMRunning)
			})
		},
	}
}

// stopStep ends the domain. Its undo sees to it that a host that comes back
// does not stop the VM after all; one that had begun tells in its next report.
func (m Machines) stopStep(j *resource.Job) Step[machine] {
	const step = "stop"
	return Step[machine]{
		Name: step,
		Do: func(ctx context.Context, s *machine) error {
			vm, err := store.Get[resource.VM](ctx, m.Store, s.VM)
			if err != nil || s.Host == "" {
				return err
			}
			grace, err := setting.StopGrace.InZone(ctx, m.Settings, vm.ZoneID)
			if err != nil {
				return err
			}
			action := s.action(j, step)
			if s.Forced {
				action = s.undo(j, step) // it may be left to a host that is away
			}
			action.Act = &agentv1.Action_StopVm{StopVm: &agentv1.StopVM{
				VmId: string(vm.ID), InstanceName: vm.InstanceName, Forced: s.Forced, GraceSeconds: uint32(grace), UnlessRunning: s.Ended,
			}}
			if s.Forced {
				return m.leave(ctx, j, s.Host, step, action)
			}
			_, err = m.Dispatch.Do(ctx, j.ID, s.Host, action)
			return err
		},
		Undo: func(ctx context.Context, _ *machine) error {
			return m.Dispatch.Abandon(ctx, dispatch.ID(j.ID, step))
		},
	}
}

// stoppedStep ends the run in the records. The password of the run is gone.
func (m Machines) stoppedStep() Step[machine] {
	return Step[machine]{
		Name: "stopped",
		Do: func(ctx context.Context, s *machine) error {
			return m.change(ctx, s.VM, func(_ context.Context, vm *resource.VM) error {
				if vm.PasswordUsed {
					vm.Password, vm.PasswordUsed = nil, false
				}
				vm.HostID, vm.DrivePlace, vm.DriveSHA256 = "", "", ""
				if vm.State != resource.VMStopping {
					return nil
				}
				return vm.Move(resource.VMStopped)
			})
		},
	}
}

// destroyedStep marks the VM; what is left of it can still be recovered.
func (m Machines) destroyedStep() Step[machine] {
	return Step[machine]{
		Name: "destroyed",
		Do: func(ctx context.Context, s *machine) error {
			return m.change(ctx, s.VM, func(_ context.Context, vm *resource.VM) error {
				if slices.Contains([]resource.VMState{resource.VMDestroyed, resource.VMExpunging}, vm.State) {
					return nil
				}
				return vm.Move(resource.VMDestroyed)
			})
		},
	}
}

// expungedStep removes the rows, and with them the addresses. After it the VM
// is not there, also for this workflow's next life.
func (m Machines) expungedStep() Step[machine] {
	return Step[machine]{
		Name: "expunged",
		Do: func(ctx context.Context, s *machine) error {
			return m.Store.InTx(ctx, func(ctx context.Context) error {
				if _, err := store.Delete[resource.Volume](ctx, m.Store, store.Filter{"vm_id": s.VM}); err != nil {
					return err
				}
				if _, err := store.Delete[resource.NIC](ctx, m.Store, store.Filter{"vm_id": s.VM}); err != nil {
					return err
				}
				_, err := store.Delete[resource.VM](ctx, m.Store, store.Filter{"id": s.VM})
				if fault.Is(err, fault.NotFound) {
					return nil
				}
				return err
			})
		},
	}
}
