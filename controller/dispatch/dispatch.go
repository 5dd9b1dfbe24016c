// Package dispatch hands actions to hosts and brings their results back. An
// action is a durable row before it is sent; it is sent again on each new
// stream of its host until its result is here, and its id makes a repeat
// harmless. Whoever waits may die and wait again: the row knows the outcome.
//
// In:  actions, from the steps of a workflow; results, from package fleet.
// Out: pending actions, to package fleet; results, to the step that asked.
package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/fault/faultpb"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// Hosts is the live side of the fleet.
type Hosts interface {
	Wake(host resource.HostID)                       // there is something to send
	Away(host resource.HostID) (time.Duration, bool) // since when its stream is gone; false: it is there
}

// Config bounds the patience. Zero means the default.
type Config struct {
	HostGrace    time.Duration // how long a host may be away before a step fails, 60 s
	UndoPatience time.Duration // how long an undo is waited for before it is left to the host, 30 s
	UndoGrace    time.Duration // the same for a host that is away, 5 s
	Poll         time.Duration // how often to look without being woken, 1 s
}

// Dispatcher is safe for concurrent use.
type Dispatcher struct {
	cfg   Config
	store *store.Store
	hosts Hosts
	log   *slog.Logger

	mu      sync.Mutex
	waiting map[string]chan struct{} // closed when the action is settled
}

// New makes a dispatcher. Attach gives it its hosts before the first action.
func New(cfg Config, s *store.Store, log *slog.Logger) *Dispatcher {
	if cfg.HostGrace == 0 {
		cfg.HostGrace = time.Minute
	}
	if cfg.UndoPatience == 0 {
		cfg.UndoPatience = 30 * time.Second
	}
	if cfg.UndoGrace == 0 {
		cfg.UndoGrace = 5 * time.Second
	}
	if cfg.Poll == 0 {
		cfg.Poll = time.Second
	}
	return &Dispatcher{cfg: cfg, store: s, log: log, waiting: map[string]chan struct{}{}}
}

// Attach ties the dispatcher to the fleet that carries its actions.
func (d *Dispatcher) Attach(hosts Hosts) { d.hosts = hosts }

// ID is the name of the action of a job's step.
func ID(job resource.JobID, step string) string { return string(job) + "/" + step }

// Do has the host carry the action out and waits for its result. Called again
// with the same id, it waits for the same action.
func (d *Dispatcher) Do(ctx context.Context, job resource.JobID, host resource.HostID, action *agentv1.Action) (*agentv1.Done, error) {
	return d.do(ctx, job, host, action, d.cfg.HostGrace)
}

func (d *Dispatcher) do(ctx context.Context, job resource.JobID, host resource.HostID, action *agentv1.Action, grace time.Duration) (*agentv1.Done, error) {
	settled := d.watch(action.GetId())
	defer d.unwatch(action.GetId(), settled)
	if err := d.keep(ctx, job, host, action); err != nil {
		return nil, fmt.Errorf("hand %s to host %s: %w", Kind(action), host, err)
	}
	poll := time.NewTicker(d.cfg.Poll)
	defer poll.Stop()
	for {
		row, err := store.First[resource.Action](ctx, d.store, store.Filter{"id": action.GetId()})
		if err != nil {
			return nil, err
		}
		switch row.State {
		case resource.ActionDone:
			return outcome(row)
		case resource.ActionAbandoned:
			return nil, fault.New(fault.Unavailable, "%s on host %s was given up", row.Kind, host)
		}
		if d.awayFor(host, grace) {
			return nil, fault.New(fault.Unavailable, "host %s is away", host)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s on host %s: %w", Kind(action), host, context.Cause(ctx))
		case <-settled:
		case <-poll.C:
		}
	}
}

// Undo gives the action's counterpart to the host, and makes sure that the
// action itself is not sent any more. It waits for a while; then the host has
// it to do when it is back.
func (d *Dispatcher) Undo(ctx context.Context, job resource.JobID, host resource.HostID, undoes string, action *agentv1.Action) error {
	err := d.store.InTx(ctx, func(ctx context.Context) error {
		if err := d.Abandon(ctx, undoes); err != nil {
			return err
		}
		return d.keep(ctx, job, host, action)
	})
	if err != nil {
		return fmt.Errorf("undo %s on host %s: %w", undoes, host, err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, d.cfg.UndoPatience, fault.New(fault.Unavailable, "left for host %s to do", host))
	defer cancel()
	for {
		_, err = d.do(ctx, job, host, action, d.cfg.UndoGrace)
		if err == nil || ctx.Err() != nil || !passing(err) || d.awayFor(host, d.cfg.UndoGrace) {
			return left(err, host)
		}
		action = successor(action)
	}
}

// left names what a failed undo means to who waited: where the reason passes,
// the host has it to do still.
func left(err error, host resource.HostID) error {
	if err == nil || !passing(err) {
		return err
	}
	return fault.Wrap(fault.Unavailable, err, "left for host %s to do", host)
}

func (d *Dispatcher) awayFor(host resource.HostID, grace time.Duration) bool {
	away, gone := d.hosts.Away(host)
	return gone && away > grace
}

// Returns reports whether a host is away for so short a time only that steps
// still wait for it.
func (d *Dispatcher) Returns(host resource.HostID) bool { return !d.awayFor(host, d.cfg.HostGrace) }

// keep writes the action's row, unless it is there.
func (d *Dispatcher) keep(ctx context.Context, job resource.JobID, host resource.HostID, action *agentv1.Action) error {
	_, err := store.First[resource.Action](ctx, d.store, store.Filter{"id": action.GetId()})
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	payload, err := proto.Marshal(action)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	row := &resource.Action{
		ID: action.GetId(), JobID: job, HostID: host, Subject: action.GetSubject(), Kind: Kind(action),
		Payload: d.store.SealBytes(payload), State: resource.ActionPending, Created: now, NotBefore: now,
	}
	if err := store.Insert(ctx, d.store, row); err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	store.AfterCommit(ctx, func() { d.hosts.Wake(host) })
	return nil
}

// Abandon makes sure that an action is not sent any more. One that the host
// has begun goes on there, and its result is dropped.
func (d *Dispatcher) Abandon(ctx context.Context, id string) error {
	row, err := store.First[resource.Action](ctx, d.store, store.Filter{"id": id})
	if fault.Is(err, fault.NotFound) || err == nil && row.State != resource.ActionPending {
		return nil
	}
	if err != nil {
		return err
	}
	row.State, row.Payload = resource.ActionAbandoned, nil
	return store.Update(ctx, d.store, row, "state", "payload")
}

func outcome(row *resource.Action) (*agentv1.Done, error) {
	result := new(agentv1.Result)
	if err := proto.Unmarshal(row.Result, result); err != nil {
		return nil, fmt.Errorf("result of action %s: %w", row.ID, err)
	}
	switch got := result.GetOutcome().(type) {
	case *agentv1.Result_Done:
		return got.Done, nil
	case *agentv1.Result_Fault:
		return nil, faultpb.Error(got.Fault)
	}
	return nil, errors.New("a result without an outcome")
}

// Kind names what an action does: the member of its oneof.
func Kind(action *agentv1.Action) string {
	message := action.ProtoReflect()
	member := message.WhichOneof(message.Descriptor().Oneofs().ByName(protoreflect.Name("act")))
	if member == nil {
		return "nothing"
	}
	return string(member.Name())
}
