package pod

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type createParams struct {
	Name string          `param:"name,required" doc:"the name of the pod"`
	Zone resource.ZoneID `param:"zoneid,required" ref:"zone:use" doc:"the zone it is in"`
	command.IPv4Range
	Allocation resource.Allocation `param:"allocationstate" doc:"Enabled or Disabled; Enabled where absent"`
}

func (p *createParams) Check() error {
	if p.Allocation == "" {
		p.Allocation = resource.AllocationEnabled
	}
	_, err := p.Range()
	return err
}

func create(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "createPod", Summary: "Creates a pod.", Since: "1.0", Roles: command.RootOnly, Event: "POD.CREATE",
	}, func(ctx context.Context, p createParams) (view.Pod, error) {
		addresses, err := p.Range()
		if err != nil {
			return view.Pod{}, err
		}
		row := &resource.Pod{
			ID: store.NewID[resource.PodID](), ZoneID: p.Zone, Name: p.Name,
			Gateway: addresses.Gateway, Netmask: p.Netmask, StartIP: addresses.First, EndIP: addresses.Last,
			Allocation: p.Allocation, Created: time.Now().UTC(),
		}
		err = store.Insert(ctx, d.Store, row)
		if fault.Is(err, fault.Conflict) {
			return view.Pod{}, fault.New(fault.Invalid, "A pod with the name %s exists already in zone %s", p.Name, p.Zone)
		}
		if err != nil {
			return view.Pod{}, err
		}
		return view.PodOf(ctx, d.Store, row)
	})
}
