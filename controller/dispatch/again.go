package dispatch

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/fault/faultpb"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// Undoing marks the id of an action that has to succeed in the end: when it
// fails for a reason that passes, the host gets it again.
const Undoing = "/undo"

// Pauses between the tries of an undo.
const (
	firstPause   = 2 * time.Second
	longestPause = time.Minute
)

// passing reports whether a failure's reason may be gone at the next try.
func passing(err error) bool {
	kind := fault.Of(err)
	return kind == fault.Unavailable || kind == fault.Timeout || kind == fault.NoCapacity
}

// again writes the successor of an undo that failed for a reason that passes.
// It is the same action under a new id, for the host answers the old one from
// its journal. It keeps its place: whatever else is to be removed of the
// subject waits for it.
func (d *Dispatcher) again(ctx context.Context, host resource.HostID, result *agentv1.Result) error {
	failure := faultpb.Error(result.GetFault())
	if failure == nil || !passing(failure) || !strings.Contains(result.GetActionId(), Undoing) {
		return nil
	}
	row, err := store.First[resource.Action](ctx, d.store, store.Filter{"id": result.GetActionId(), "host_id": host})
	if fault.Is(err, fault.NotFound) || err == nil && row.State != resource.ActionPending {
		return nil
	}
	if err != nil {
		return err
	}
	payload, err := d.store.UnsealBytes(row.Payload)
	if err != nil {
		return err
	}
	action := new(agentv1.Action)
	if err := proto.Unmarshal(payload, action); err != nil {
		return fmt.Errorf("action %s: %w", row.ID, err)
	}
	next := successor(action)
	d.log.WarnContext(ctx, "undo is tried again", "host", host, "action", next.GetId(), "err", failure)
	return d.replace(ctx, row, next)
}

// replace puts the successor in the place of the row: the same number, so that
// it stays ahead of what was written after it.
func (d *Dispatcher) replace(ctx context.Context, row *resource.Action, next *agentv1.Action) error {
	payload, err := proto.Marshal(next)
	if err != nil {
		return err
	}
	ahead := *row
	ahead.ID, ahead.Payload = next.GetId(), d.store.SealBytes(payload)
	ahead.NotBefore = time.Now().UTC().Add(min(firstPause<<min(try(row.ID)-1, 10), longestPause))
	if _, err := store.Delete[resource.Action](ctx, d.store, store.Filter{"id": row.ID}); err != nil {
		return err
	}
	if err := store.Insert(ctx, d.store, &ahead); err != nil {
		return err
	}
	row.Seq = 0 // a new number: it is settled at once, for who waits for it
	return store.Insert(ctx, d.store, row)
}

// successor is the action under the id of its next try: "…/undo", "…/undo~2",
// "…/undo~3".
func successor(action *agentv1.Action) *agentv1.Action {
	next := proto.CloneOf(action)
	base, _, _ := strings.Cut(action.GetId(), "~")
	next.Id = base + "~" + strconv.Itoa(try(action.GetId())+1)
	return next
}

// try is the number of the try that an id names, from 1 on.
func try(id string) int {
	_, number, _ := strings.Cut(id, "~")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 1
	}
	return n
}
