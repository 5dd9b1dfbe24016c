// Package workflow runs the steps of a job, each with its undo. How far it
// came is a row: after a crash the job goes on with the step that was under
// way, or with the undo that was. Steps are therefore written so that doing
// one again has the effect of doing it once; actions on hosts have that from
// their id (package dispatch).
//
// In:  a job, from a command's body; what the workflow is to know, as a
// struct that is kept as JSON and holds no secret.
// Out: actions, through package dispatch; changes, to package store; the
// filled struct, or the failure of the step that failed.
package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/cairn-kvm/cairn/controller/job"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// Step is one row of a workflow's table. Undo takes back what Do did, or may
// have done before it failed; nil where there is nothing to take back. It must
// be safe without Do.
type Step[S any] struct {
	Name string
	Do   func(ctx context.Context, state *S) error
	Undo func(ctx context.Context, state *S) error
}

// Flow is a workflow: its steps in their order.
type Flow[S any] struct {
	Name  string
	Steps []Step[S]
}

// Engine keeps how far workflows have come.
type Engine struct {
	Store *store.Store
	Log   *slog.Logger
}

// Run carries the workflow out for the job, from the start or from where it
// was. When a step fails, the undos of it and of all before run in reverse
// order, and the step's failure is the outcome. An undo that fails is logged
// and does not stop the others: best effort never blocks. When the worker has
// to let go of the job, Run returns at once and leaves all as it is; when its
// own row cannot be read or written, it hands the job back. Neither the job's
// deadline nor a database that fails is ever a reason not to undo.
func Run[S any](ctx context.Context, e Engine, j *resource.Job, flow Flow[S], state *S) error {
	row, err := e.load(context.WithoutCancel(ctx), j, flow.Name, state)
	if err != nil {
		return job.HandBack(err)
	}
	if !row.Undoing {
		failure := forward(ctx, e, row, flow, state)
		if failure == nil || job.Interrupted(ctx) || job.Postponed(failure) {
			return failure
		}
		if err := e.fail(context.WithoutCancel(ctx), row, failure, state); err != nil {
			return job.HandBack(errors.Join(failure, err))
		}
	}
	if err := backward(ctx, e, row, flow, state); err != nil {
		return err
	}
	return row.failure()
}

func forward[S any](ctx context.Context, e Engine, row *flowRow, flow Flow[S], state *S) error {
	for row.Step < len(flow.Steps) {
		step := flow.Steps[row.Step]
		if err := step.Do(ctx, state); err != nil {
			return fmt.Errorf("%s %s: %w", flow.Name, step.Name, err)
		}
		if err := e.advance(context.WithoutCancel(ctx), row, row.Step+1, state); err != nil {
			return job.HandBack(err)
		}
	}
	return nil
}

// backward undoes from the step that failed down to the first. The job's
// deadline does not bound it, but letting go of the job does.
func backward[S any](ctx context.Context, e Engine, row *flowRow, flow Flow[S], state *S) error {
	undoing, stop := detach(ctx)
	defer stop()
	for row.Step >= 0 {
		if row.Step < len(flow.Steps) && flow.Steps[row.Step].Undo != nil {
			err := flow.Steps[row.Step].Undo(undoing, state)
			if job.Interrupted(ctx) {
				return context.Cause(job.Hold(ctx))
			}
			if err != nil {
				e.Log.WarnContext(ctx, "undo failed", "job", row.JobID, "step", flow.Steps[row.Step].Name, "err", err)
			}
		}
		if err := e.advance(context.WithoutCancel(ctx), row, row.Step-1, state); err != nil {
			return job.HandBack(err)
		}
	}
	return nil
}

// detach gives a context that outlives the deadline of its parent, but ends
// when the worker has to let go of the job.
func detach(ctx context.Context) (context.Context, func()) {
	detached, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	hold := job.Hold(ctx)
	stop := context.AfterFunc(hold, func() { cancel(context.Cause(hold)) })
	return detached, func() { stop(); cancel(nil) }
}

// flowRow is the row with what does not cross a restart beside it.
type flowRow struct {
	resource.Flow
	cause error
}

// failure is what the workflow failed with, in this life or in a former one.
func (r *flowRow) failure() error {
	if r.cause != nil {
		return r.cause
	}
	return fault.Wrap(fault.Kind(r.FaultKind), errors.New(r.FaultMore), "%s", r.FaultText)
}

func (e Engine) load(ctx context.Context, j *resource.Job, name string, state any) (*flowRow, error) {
	kept, err := store.First[resource.Flow](ctx, e.Store, store.Filter{"job_id": j.ID})
	if err == nil {
		if err := json.Unmarshal(kept.State, state); err != nil {
			return nil, fmt.Errorf("state of workflow %s: %w", name, err)
		}
		return &flowRow{Flow: *kept}, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	text, err := json.Marshal(state)
	if err != nil {
		return nil, err
	}
	row := &flowRow{Flow: resource.Flow{JobID: j.ID, Name: name, State: text}}
	return row, store.Insert(ctx, e.Store, &row.Flow)
}

func (e Engine) advance(ctx context.Context, row *flowRow, step int, state any) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	row.Step, row.State = step, text
	return store.Update(ctx, e.Store, &row.Flow, "step", "state")
}

func (e Engine) fail(ctx context.Context, row *flowRow, failure error, state any) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	row.cause, row.Undoing, row.State = failure, true, text
	row.FaultKind, row.FaultText, row.FaultMore = int32(fault.Of(failure)), fault.Message(failure), failure.Error()
	return store.Update(ctx, e.Store, &row.Flow, "undoing", "state", "fault_kind", "fault_text", "fault_more")
}
