package vm

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type destroyParams struct {
	VM      resource.VMID `param:"id,required,subject" ref:"virtualmachine:operate" doc:"the VM to destroy"`
	Expunge bool          `param:"expunge" doc:"leave nothing of it; without, it can be recovered"`
}

func destroy(d Deps) command.Command {
	return command.Async(command.Info{
		Name: "destroyVirtualMachine", Summary: "Destroys a virtual machine, and with expunge all that is left of it.", Since: "1.0",
		Roles: command.Everyone, Event: "VM.DESTROY", Timeout: 15 * time.Minute,
	}, func(ctx context.Context, p destroyParams) (view.VirtualMachine, error) {
		err := d.Machines.Destroy(ctx, command.JobFrom(ctx), p.VM, p.Expunge)
		if err != nil {
			return view.VirtualMachine{}, err
		}
		shown, err := d.show(ctx, p.VM)
		if fault.Is(err, fault.NotFound) {
			return view.Expunged(p.VM), nil
		}
		return shown, err
	})
}
