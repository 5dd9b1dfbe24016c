package offering

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
)

type listParams struct {
	command.Paging
	ID          resource.ServiceOfferingID `param:"id" ref:"serviceoffering:use" doc:"only this offering"`
	Name        string                     `param:"name" doc:"only the offerings of this name"`
	CPUs        int                        `param:"cpunumber" doc:"only the offerings with so many CPUs"`
	MHz         int                        `param:"cpuspeed" doc:"only the offerings with CPUs of this speed, in MHz"`
	Memory      int                        `param:"memory" doc:"only the offerings with so much memory, in MiB"`
	StorageType storageType                `param:"storagetype" doc:"only the offerings of this kind: shared or local"`
	State       string                     `param:"state" doc:"only the offerings in this state: Active or Inactive; Active where absent"`
	Zone        resource.ZoneID            `param:"zoneid" ref:"zone:use" doc:"the offerings of this zone, which are all"`
	VM          resource.VMID              `param:"virtualmachineid" ref:"virtualmachine:operate" doc:"the offerings that this VM can change to: all but its own, unless that is a custom one"`
	System      bool                       `param:"issystem" doc:"only the offerings for system VMs, of which there are none"`
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listServiceOfferings", Summary: "Lists service offerings.", Since: "1.0", Roles: command.Everyone,
	}, func(ctx context.Context, p listParams) (command.Rows[view.ServiceOffering], error) {
		current, err := d.current(ctx, p.VM)
		if err != nil {
			return command.Rows[view.ServiceOffering]{}, err
		}
		if p.State == "" && p.ID == "" {
			p.State = active
		}
		filter := store.Filter{
			"id": p.ID, "name": store.Fold(p.Name), "cpus": p.CPUs, "mhz": p.MHz, "memory_mib": p.Memory,
			"storage_type": string(p.StorageType), "state": store.Fold(p.State), "system": command.Never(p.System),
			"keyword": store.AnyLike(p.Keyword, "name", "display_text"),
			"other":   store.Either(store.Filter{"id": store.Not(current)}),
		}
		return command.Select(ctx, d.Store, p.Paging, filter, view.ServiceOfferingOf)
	})
}

// current is the offering that the VM has and cannot change to: none without a
// VM, nor where the size can change within the offering.
func (d Deps) current(ctx context.Context, id resource.VMID) (resource.ServiceOfferingID, error) {
	if id == "" {
		return "", nil
	}
	vm, err := store.Get[resource.VM](ctx, d.Store, id)
	if err != nil {
		return "", err
	}
	offering, err := store.Get[resource.ServiceOffering](ctx, d.Store, vm.OfferingID)
	if err != nil || offering.Custom {
		return "", err
	}
	return offering.ID, nil
}
