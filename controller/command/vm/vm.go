// Package vm holds the commands on virtual machines.
//
// In:  checked arguments, from package command.
// Out: VMs, their disks and interfaces, to package store; jobs' bodies, to
// package workflow; their view, to the caller.
package vm

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/controller/workflow"
)

// Deps is what the commands work on.
type Deps struct {
	Store    *store.Store
	Settings setting.Settings
	Machines workflow.Machines
}

// Commands lists them.
func Commands(d Deps) []command.Command {
	return []command.Command{deploy(d), list(d), start(d), stop(d), destroy(d), reap(d)}
}

// show gives the view of a VM as it is now.
func (d Deps) show(ctx context.Context, id resource.VMID) (view.VirtualMachine, error) {
	vm, err := store.Get[resource.VM](ctx, d.Store, id)
	if err != nil {
		return view.VirtualMachine{}, err
	}
	return view.VirtualMachineOf(ctx, d.Store, vm)
}

// showWithPassword is the answer of a job that put a password on the drive.
func (d Deps) showWithPassword(ctx context.Context, id resource.VMID) (view.VirtualMachine, error) {
	vm, err := store.Get[resource.VM](ctx, d.Store, id)
	if err != nil {
		return view.VirtualMachine{}, err
	}
	shown, err := view.VirtualMachineOf(ctx, d.Store, vm)
	if err != nil {
		return shown, err
	}
	password, err := d.Store.Unseal(vm.Password)
	shown.Password = password.Reveal()
	return shown, err
}
