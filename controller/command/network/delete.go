package network

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type deleteParams struct {
	Network resource.NetworkID `param:"id,required,subject" ref:"network:operate" doc:"the network"`
}

// remove has nothing to do for a network that is gone: an earlier run of the
// job has removed it.
func remove(d Deps) command.Command {
	return command.Async(command.Info{
		Name: "deleteNetwork", Summary: "Deletes a network that no VM is connected to.", Since: "1.0",
		Roles: command.Everyone, Event: "NETWORK.DELETE", Timeout: 5 * time.Minute,
	}, func(ctx context.Context, p deleteParams) (command.Success, error) {
		err := d.Store.InTx(ctx, func(ctx context.Context) error {
			connected, err := store.Count[resource.NIC](ctx, d.Store, store.Filter{"network_id": p.Network})
			if err != nil {
				return err
			}
			if connected > 0 {
				return fault.New(fault.Conflict, "Network %s cannot be deleted: %d interfaces of VMs are in it; expunge the VMs first", p.Network, connected)
			}
			_, err = store.Delete[resource.Network](ctx, d.Store, store.Filter{"id": p.Network})
			return err
		})
		if err != nil {
			return command.Success{}, err
		}
		return command.Done(), nil
	})
}
