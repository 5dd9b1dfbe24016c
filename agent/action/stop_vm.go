package action

import (
	"context"
	"time"

	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// stopVM ends a domain; a VM that is not there is stopped.
func stopVM(host Host, a *agentv1.StopVM) (plan, error) {
	told := new(agentv1.StopVMDone)
	stop := func(ctx context.Context) (err error) {
		grace := time.Duration(a.GetGraceSeconds()) * time.Second
		told.WasRunning, err = host.Hypervisor.Stop(ctx, a.GetVmId(), a.GetForced(), grace)
		return err
	}
	return plan{
		steps: []step{{name: "stop domain", do: stop}},
		done:  &agentv1.Done{What: &agentv1.Done_StopVm{StopVm: told}},
	}, checkName("VM id", a.GetVmId())
}
