// Package background does what nobody asked for: it follows the hosts'
// reports and clears away what has had its time.
//
// In:  reports of VMs, from package fleet; the clock.
// Out: jobs that tidy up, to package job; the end of old rows, to package
// store.
package background

import (
	"context"
	"log/slog"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// Reaper accepts the job that tidies up after a VM whose guest ended itself.
type Reaper func(ctx context.Context, vm *resource.VM) error

// Power follows what the hosts report of their VMs. It is safe for concurrent
// use.
type Power struct {
	Store *store.Store
	Reap  Reaper
	Log   *slog.Logger
}

// Report compares a report with the records. Only a complete report can miss
// a VM. It is no more than a hint: the job that it causes has the host look
// again, and leaves a VM that runs alone.
func (p *Power) Report(ctx context.Context, host resource.HostID, report *agentv1.Report) {
	if !report.GetComplete() {
		p.Log.WarnContext(ctx, "report is not complete", "reason", report.GetReason())
		return
	}
	rows, err := store.All[resource.VM](ctx, p.Store, store.Filter{"host_id": host})
	if err != nil {
		p.Log.WarnContext(ctx, "report not compared", "err", err)
		return
	}
	alive := map[resource.VMID]bool{}
	for _, vm := range report.GetVms() {
		alive[resource.VMID(vm.GetVmId())] = vm.GetState() != agentv1.VMState_VM_STATE_STOPPED
	}
	known := map[resource.VMID]bool{}
	for i := range rows {
		known[rows[i].ID] = true
		if rows[i].State == resource.VMRunning {
			p.compare(ctx, &rows[i], alive[rows[i].ID])
		}
	}
	for _, vm := range report.GetVms() {
		if !known[resource.VMID(vm.GetVmId())] {
			p.Log.WarnContext(ctx, "a host has a VM that the records do not place there", "vm", vm.GetVmId(), "host", host)
		}
	}
}

func (p *Power) compare(ctx context.Context, vm *resource.VM, alive bool) {
	if alive {
		return
	}
	busy, err := p.Store.UnfinishedJob(ctx, "virtualmachine/"+string(vm.ID))
	if err != nil || busy != nil {
		return // its job knows better; the next report looks again
	}
	p.Log.InfoContext(ctx, "VM has ended by itself", "vm", vm.ID)
	if err := p.Reap(ctx, vm); err != nil {
		p.Log.WarnContext(ctx, "cannot tidy up after a VM", "vm", vm.ID, "err", err)
	}
}
