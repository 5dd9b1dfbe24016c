package vm

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/view"
)

type stopParams struct {
	VM     resource.VMID `param:"id,required,subject" ref:"virtualmachine:operate" doc:"the VM to stop"`
	Forced bool          `param:"forced" doc:"pull the plug, and count it as stopped even when its host is away"`
}

func stop(d Deps) command.Command {
	return command.Async(command.Info{
		Name: "stopVirtualMachine", Summary: "Stops a virtual machine; one that is stopped stays so.", Since: "1.0",
		Roles: command.Everyone, Event: "VM.STOP", Timeout: 15 * time.Minute,
	}, func(ctx context.Context, p stopParams) (view.VirtualMachine, error) {
		if err := d.Machines.Stop(ctx, command.JobFrom(ctx), p.VM, p.Forced); err != nil {
			return view.VirtualMachine{}, err
		}
		return d.show(ctx, p.VM)
	})
}

// Reap is the kind of the job that tidies up after a guest that ended itself.
const Reap = "reapVirtualMachine"

type reapParams struct {
	VM resource.VMID `param:"id,required,subject" ref:"virtualmachine:operate" doc:"the VM whose guest has ended"`
}

func reap(d Deps) command.Command {
	return command.Async(command.Info{
		Name: Reap, Summary: "Tidies up after a guest that shut itself down.", Since: "1.0",
		Roles: command.RootOnly, Event: "VM.STOP", Timeout: 15 * time.Minute, Private: true,
	}, func(ctx context.Context, p reapParams) (view.VirtualMachine, error) {
		if err := d.Machines.Reap(ctx, command.JobFrom(ctx), p.VM); err != nil {
			return view.VirtualMachine{}, err
		}
		return d.show(ctx, p.VM)
	})
}
