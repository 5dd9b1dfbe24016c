package action

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// stopVM ends a domain; a VM that is not there is stopped.
func stopVM(host Host, a *agentv1.StopVM) (plan, error) {
	told := new(agentv1.StopVMDone)
	look := func(ctx context.Context) error {
		vm, found, err := host.Hypervisor.VM(ctx, a.GetVmId())
		if err != nil || !found || vm.State == domain.Stopped {
			return err
		}
		return fault.New(fault.Conflict, "virtual machine %s is running after all", a.GetVmId())
	}
	stop := func(ctx context.Context) (err error) {
		grace := time.Duration(a.GetGraceSeconds()) * time.Second
		told.WasRunning, err = host.Hypervisor.Stop(ctx, a.GetVmId(), a.GetForced(), grace)
		return err
	}
	steps := []step{{name: "stop domain", do: stop}}
	if a.GetUnlessRunning() {
		steps = append([]step{{name: "look whether it has ended", do: look}}, steps...)
	}
	return plan{
		steps: steps,
		done:  &agentv1.Done{What: &agentv1.Done_StopVm{StopVm: told}},
	}, checkName("VM id", a.GetVmId())
}
