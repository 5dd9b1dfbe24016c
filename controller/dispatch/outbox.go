package dispatch

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/cairn-kvm/cairn/controller/resource"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// Pending gives what the host has still to do: of each subject only the
// earliest action, in the order of their acceptance.
func (d *Dispatcher) Pending(ctx context.Context, host resource.HostID) ([]*agentv1.Action, error) {
	rows, err := d.store.PendingActions(ctx, host, time.Now().UTC())
	if err != nil {
		return nil, err
	}
	actions := make([]*agentv1.Action, 0, len(rows))
	for _, row := range rows {
		payload, err := d.store.UnsealBytes(row.Payload)
		if err != nil {
			return nil, fmt.Errorf("action %s: %w", row.ID, err)
		}
		action := new(agentv1.Action)
		if err := proto.Unmarshal(payload, action); err != nil {
			return nil, fmt.Errorf("action %s: %w", row.ID, err)
		}
		actions = append(actions, action)
	}
	return actions, nil
}

// Settle keeps a result that came from the host; after it the result may be
// acknowledged. One that nobody waits for any more is dropped.
func (d *Dispatcher) Settle(ctx context.Context, host resource.HostID, result *agentv1.Result) error {
	text, err := proto.Marshal(result)
	if err != nil {
		return err
	}
	wanted := false
	err = d.store.InTx(ctx, func(ctx context.Context) (err error) {
		if err := d.again(ctx, host, result); err != nil {
			return err
		}
		wanted, err = d.store.SettleAction(ctx, result.GetActionId(), host, text, time.Now().UTC())
		return err
	})
	if err != nil {
		return fmt.Errorf("settle action %s: %w", result.GetActionId(), err)
	}
	if !wanted {
		d.log.InfoContext(ctx, "late result dropped", "action", result.GetActionId(), "host", host)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if settled := d.waiting[result.GetActionId()]; settled != nil {
		close(settled)
		delete(d.waiting, result.GetActionId())
	}
	return nil
}

// watch gives the channel that closes when the action is settled. One waits
// for an action at a time: the holder of its job's lease.
func (d *Dispatcher) watch(id string) chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	settled := make(chan struct{})
	d.waiting[id] = settled
	return settled
}

func (d *Dispatcher) unwatch(id string, settled chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting[id] == settled {
		delete(d.waiting, id)
	}
}
