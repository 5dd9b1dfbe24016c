package vm

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type listParams struct {
	command.Paging
	command.Owned
	ID           resource.VMID              `param:"id" ref:"virtualmachine:operate" doc:"only this VM"`
	IDs          []resource.VMID            `param:"ids" ref:"virtualmachine:operate" max:"0" doc:"only these VMs"`
	Name         string                     `param:"name" doc:"only the VM of this name"`
	State        string                     `param:"state" doc:"only VMs in this state; Present: all that are not destroyed"`
	Zone         resource.ZoneID            `param:"zoneid" ref:"zone:use" doc:"only VMs in this zone"`
	Template     resource.TemplateID        `param:"templateid" ref:"template:use" doc:"only VMs from this template"`
	Offering     resource.ServiceOfferingID `param:"serviceofferingid" ref:"serviceoffering:use" doc:"only VMs of this size"`
	Host         resource.HostID            `param:"hostid" ref:"host:operate" roles:"Admin" doc:"only VMs on this host"`
	WithUserData bool                       `param:"userdata" doc:"whether to tell their user data"`
}

func (p *listParams) Check() error {
	if p.ID != "" && len(p.IDs) > 0 {
		return fault.New(fault.Invalid, "Specify either id or ids but not both parameters")
	}
	return nil
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listVirtualMachines", Summary: "Lists virtual machines.", Since: "1.0", Roles: command.Everyone,
	}, func(ctx context.Context, p listParams) (command.Rows[view.VirtualMachine], error) {
		filter, err := p.filter(ctx, d.Store)
		if err != nil {
			return command.Rows[view.VirtualMachine]{}, err
		}
		return command.SelectAll(ctx, d.Store, p.Paging, filter, func(ctx context.Context, rows []resource.VM) ([]view.VirtualMachine, error) {
			views, err := view.VirtualMachines(ctx, d.Store, rows)
			for i := range views {
				if p.WithUserData && err == nil {
					views[i].UserData, err = view.UserDataOf(d.Store, &rows[i])
				}
			}
			return views, err
		})
	})
}

// filter: ids were checked one by one, so that they need no other limit.
func (p listParams) filter(ctx context.Context, s *store.Store) (store.Filter, error) {
	filter := store.Filter{}
	if p.ID == "" && len(p.IDs) == 0 {
		var err error
		if filter, err = p.Scope(ctx, s); err != nil {
			return nil, err
		}
	}
	filter["id"], filter["name"] = p.ID, store.Fold(p.Name)
	if len(p.IDs) > 0 {
		filter["id"] = p.IDs
	}
	filter["zone_id"], filter["template_id"], filter["offering_id"], filter["host_id"] = p.Zone, p.Template, p.Offering, p.Host
	filter["state"] = states(p.State, access.From(ctx))
	filter["keyword"] = store.AnyLike(p.Keyword, "name", "display_name")
	return filter, nil
}

// present is every state but those at the end.
var present = []resource.VMState{
	resource.VMStopped, resource.VMStarting, resource.VMRunning, resource.VMStopping, resource.VMError,
}

// states: a destroyed VM is shown to admins only.
func states(wanted string, caller access.Caller) any {
	switch {
	case wanted != "" && wanted != "Present":
		return store.Fold(wanted)
	case wanted == "" && caller.Role != resource.PlainUser:
		return resource.VMState("")
	}
	return present
}
