package action

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/cairn-kvm/cairn/agent/journal"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/fault/faultpb"
	"github.com/cairn-kvm/cairn/internal/logging"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

const (
	// longest is how long an action without a deadline may take.
	longest = 2 * time.Hour
	// hangs is how long an action may take to notice that its time is over.
	hangs = 10 * time.Second
	// noteAgain is how long to wait before an outcome that found the disk
	// full is noted again.
	noteAgain = time.Second
	// maxText bounds, in bytes, what a fault tells.
	maxText = 8 << 10
)

// do takes one action from the journal's verdict to its noted outcome.
func (r *Runner) do(a *agentv1.Action) {
	log := r.log.With("action", a.GetId(), "kind", Kind(a), "vm", a.GetSubject())
	deadline := deadlineOf(a)
	verdict, err := r.journal.Begin(journal.Action{
		ID: a.GetId(), Kind: Kind(a), Subject: a.GetSubject(), Epoch: a.GetEpoch(), Deadline: deadline,
	})
	switch {
	case err != nil:
		log.Error("action cannot be noted and is not begun", "err", err)
		r.refuse(a, err)
		r.breaks(err)
	case verdict == journal.Done:
		log.Debug("action was done before: its outcome is sent again")
	case verdict == journal.Late:
		r.refuse(a, fault.New(fault.Timeout, "the deadline of action %s passed %s ago by the host's clock", a.GetId(), time.Since(deadline).Round(time.Millisecond)))
	case verdict == journal.Stale:
		r.refuse(a, fault.New(fault.Conflict, "action %s has epoch %d, and a newer owner of %s was seen here", a.GetId(), a.GetEpoch(), a.GetSubject()))
	default:
		r.run(a, deadline, log.With("verdict", verdict))
	}
}

func (r *Runner) run(a *agentv1.Action, deadline time.Time, log *slog.Logger) {
	ctx, cancel := context.WithCancelCause(logging.With(context.Background(),
		slog.String("action", a.GetId()), slog.String("vm", a.GetSubject())))
	defer cancel(nil)
	r.allowInterrupt(a, cancel)
	ctx, release := context.WithDeadline(ctx, deadline)
	defer release()

	started := time.Now()
	done, err := r.perform(ctx, a, log)
	took := time.Since(started)
	if err != nil && interrupted(ctx) {
		log.Warn("action was cut short and stays in doubt", "took", took, "err", err)
		return
	}
	r.observe(Kind(a), fault.Of(err), took)
	if err != nil {
		log.Warn("action did not succeed", "took", took, "err", err)
	} else {
		log.Info("action is done", "took", took)
	}
	r.note(resultOf(a, done, err), log)
}

// perform runs the steps, and turns a panic into a fault.
func (r *Runner) perform(ctx context.Context, a *agentv1.Action, log *slog.Logger) (done *agentv1.Done, err error) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("action panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			done, err = nil, fault.New(fault.Internal, "the agent made a mistake in action %s: see its log", a.GetId())
		}
	}()
	plan, err := r.plan(a)
	if err != nil {
		return nil, err
	}
	before := func(step string) error { return r.before(Kind(a), step) }
	if err := execute(ctx, plan.steps, before); err != nil {
		return nil, err
	}
	return plan.done, nil
}

// note makes the outcome durable, after which it is sent. On a full disk it
// waits for room, for the work is done and must be told.
func (r *Runner) note(result *agentv1.Result, log *slog.Logger) {
	for said := false; ; said = true {
		err := r.journal.Finish(result)
		if err == nil {
			return
		}
		if !fault.Is(err, fault.NoCapacity) {
			log.Error("outcome cannot be noted: the action stays in doubt", "err", err)
			r.breaks(err)
			return
		}
		if !said {
			log.Error("outcome waits for room on the disk", "err", err)
		}
		select {
		case <-time.After(noteAgain):
		case <-r.closing:
			return
		}
	}
}

// breaks tells that the journal is of no use, unless it only lacks room.
func (r *Runner) breaks(err error) {
	if fault.Is(err, fault.NoCapacity) {
		return
	}
	select {
	case r.broken <- err:
	default: // told already
	}
}

// refuse answers an action that is not begun.
func (r *Runner) refuse(a *agentv1.Action, err error) {
	r.log.Warn("action is refused", "action", a.GetId(), "kind", Kind(a), "vm", a.GetSubject(), "err", err)
	r.observe(Kind(a), fault.Of(err), 0)
	r.journal.Refuse(resultOf(a, nil, err))
}

// allowInterrupt lets Close cut the action short.
func (r *Runner) allowInterrupt(a *agentv1.Action, cancel context.CancelCauseFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.accepted[a.GetId()] = cancel
}

func interrupted(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errStopped) }

func deadlineOf(a *agentv1.Action) time.Time {
	if a.GetDeadline() == nil {
		return time.Now().Add(longest)
	}
	return a.GetDeadline().AsTime()
}

func resultOf(a *agentv1.Action, done *agentv1.Done, err error) *agentv1.Result {
	result := &agentv1.Result{ActionId: a.GetId(), VmId: a.GetSubject()}
	if err == nil {
		result.Outcome = &agentv1.Result_Done{Done: done}
		return result
	}
	f := faultpb.From(err)
	f.Message, f.Detail = sendable(f.Message), sendable(f.Detail)
	result.Outcome = &agentv1.Result_Fault{Fault: f}
	return result
}

// sendable makes a text fit for the wire: short, and UTF-8 whatever a tool
// printed or a file was called.
func sendable(text string) string {
	if len(text) > maxText {
		text = text[:maxText] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}
