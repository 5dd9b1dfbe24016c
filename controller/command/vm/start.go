package vm

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/place"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/view"
)

type startParams struct {
	VM      resource.VMID      `param:"id,required,subject" ref:"virtualmachine:operate" doc:"the VM to start"`
	Host    resource.HostID    `param:"hostid" ref:"host:operate" roles:"Admin" doc:"the host to start it on"`
	Cluster resource.ClusterID `param:"clusterid" ref:"cluster:operate" roles:"Admin" doc:"the cluster to start it in"`
	Pod     resource.PodID     `param:"podid" ref:"pod:operate" roles:"Admin" doc:"the pod to start it in"`
}

func start(d Deps) command.Command {
	return command.Async(command.Info{
		Name: "startVirtualMachine", Summary: "Starts a virtual machine.", Since: "1.0",
		Roles: command.Everyone, Event: "VM.START", Timeout: 15 * time.Minute,
	}, func(ctx context.Context, p startParams) (view.VirtualMachine, error) {
		job := command.JobFrom(ctx)
		wish := place.Wish{HostID: p.Host, ClusterID: p.Cluster, PodID: p.Pod}
		if err := d.Machines.Start(ctx, job, p.VM, false, wish); err != nil {
			return view.VirtualMachine{}, err
		}
		return d.showWithPassword(ctx, p.VM)
	})
}
