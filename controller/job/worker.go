package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// ErrShutdown is why a running body's context ends when the process stops. The
// job is handed back and goes on elsewhere: a body leaves everything as it is.
var ErrShutdown = errors.New("the controller is stopping")

// ErrLost is why a running body's context ends when its lease was taken over.
var ErrLost = errors.New("another worker has taken the job over")

type holdKey struct{}

// Hold gives the context that ends when the worker has to let go of the job,
// with [ErrShutdown] or [ErrLost] as its cause. Unlike the body's own context
// it does not end at the job's deadline.
func Hold(ctx context.Context) context.Context {
	if hold, is := ctx.Value(holdKey{}).(context.Context); is {
		return hold
	}
	return context.Background()
}

// Interrupted reports whether the worker has to let go of the job, so that a
// body's error is no failure of the job.
func Interrupted(ctx context.Context) bool { return Hold(ctx).Err() != nil }

// Run claims jobs and runs them until the context ends; then it hands back
// what still runs, when the bodies have returned.
func (q *Queue) Run(ctx context.Context, run Runner) error {
	if err := q.store.ReleaseJobs(ctx, q.cfg.Worker); err != nil { // of this worker's former life
		return fmt.Errorf("release jobs: %w", err)
	}
	jobs, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	var bodies sync.WaitGroup
	slots := make(chan struct{}, q.cfg.Parallel)
	renewed := q.keepLeases(jobs)
	poll := time.NewTicker(q.cfg.Poll)
	defer poll.Stop()
	for ctx.Err() == nil {
		q.claimAll(ctx, slots, func(job *resource.Job) {
			bodies.Go(func() {
				defer func() { <-slots; q.Wake() }()
				q.runOne(jobs, job, run)
			})
		})
		select {
		case <-ctx.Done():
		case <-q.wake:
		case <-poll.C:
		}
	}
	stop(ErrShutdown)
	bodies.Wait()
	<-renewed
	return q.store.ReleaseJobs(context.WithoutCancel(ctx), q.cfg.Worker)
}

// claimAll starts jobs while there are any and a slot is free.
func (q *Queue) claimAll(ctx context.Context, slots chan struct{}, start func(*resource.Job)) {
	for {
		select {
		case slots <- struct{}{}:
		default:
			return
		}
		job, err := q.store.ClaimJob(ctx, q.cfg.Worker, time.Now().UTC(), q.cfg.Lease, slices.Collect(maps.Keys(q.snapshot()))...)
		if err != nil && ctx.Err() == nil {
			q.log.WarnContext(ctx, "cannot claim jobs", "err", err)
		}
		if job == nil {
			<-slots
			return
		}
		start(job)
	}
}

// runOne runs a body and writes its outcome.
func (q *Queue) runOne(ctx context.Context, job *resource.Job, run Runner) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	q.hold(job.ID, cancel)
	body, done := context.WithDeadlineCause(context.WithValue(ctx, holdKey{}, ctx), job.Started.Add(job.Timeout),
		fault.New(fault.Timeout, "%s took longer than its limit of %s", job.Command, job.Timeout))
	defer done()
	q.log.InfoContext(ctx, "job started", "job", job.ID, "command", job.Command, "attempt", job.Attempt)
	result, err := protected(body, job, run)
	q.drop(job.ID)
	if err != nil && ctx.Err() != nil {
		q.log.InfoContext(ctx, "job handed back", "job", job.ID, "command", job.Command, "err", context.Cause(ctx))
		return
	}
	var later *retry
	if errors.As(err, &later) && (later.always || body.Err() == nil) {
		q.postpone(context.WithoutCancel(ctx), job, later.after)
		return
	}
	q.finish(context.WithoutCancel(ctx), job, result, err)
}

// retry is the error of a body that wants to be run again.
type retry struct {
	after  time.Duration
	cause  error
	always bool // past the job's deadline too
}

func (r *retry) Error() string { return r.cause.Error() }
func (r *retry) Unwrap() error { return r.cause }

// Retry makes the error with which a body asks to be run again after a while.
// At the job's deadline the cause becomes the outcome.
func Retry(after time.Duration, cause error) error { return &retry{after: after, cause: cause} }

// HandBack makes the error with which a body asks to be run again in any case,
// because it could not keep or read how far it has come.
func HandBack(cause error) error { return &retry{after: time.Second, cause: cause, always: true} }

// Postponed reports whether a body's error asks to be run again.
func Postponed(err error) bool {
	var later *retry
	return errors.As(err, &later)
}

func (q *Queue) postpone(ctx context.Context, job *resource.Job, after time.Duration) {
	if err := q.store.PostponeJob(ctx, job, time.Now().UTC().Add(after)); err != nil {
		q.log.ErrorContext(ctx, "job not postponed", "job", job.ID, "command", job.Command, "err", err)
	}
}

// protected turns a panic of the body into its error.
func protected(ctx context.Context, job *resource.Job, run Runner) (result json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return run(ctx, job)
}

// finish writes the outcome and its event in one transaction.
func (q *Queue) finish(ctx context.Context, job *resource.Job, result json.RawMessage, outcome error) {
	now := time.Now().UTC()
	level := "INFO"
	job.Completed, job.Status, job.Result = &now, resource.JobSucceeded, q.store.SealBytes(result)
	if outcome != nil {
		level, job.Status, job.Result = "ERROR", resource.JobFailed, nil
		job.FaultKind, job.FaultText = int32(fault.Of(outcome)), fault.Message(outcome)
	}
	err := q.store.InTx(ctx, func(ctx context.Context) error {
		if err := q.store.FinishJob(ctx, job); err != nil {
			return err
		}
		return q.event(ctx, job, "Completed", level)
	})
	took := now.Sub(*job.Started)
	switch {
	case err != nil: // the lease ends, and the job runs again: bodies go on where they were
		q.log.ErrorContext(ctx, "job outcome not written", "job", job.ID, "command", job.Command, "err", err)
		return
	case outcome == nil:
		q.log.InfoContext(ctx, "job done", "job", job.ID, "command", job.Command, "took", took)
	case fault.Is(outcome, fault.Internal):
		q.log.ErrorContext(ctx, "job failed", "job", job.ID, "command", job.Command, "took", took, "err", outcome)
	default:
		q.log.WarnContext(ctx, "job failed", "job", job.ID, "command", job.Command, "took", took, "kind", fault.Of(outcome), "err", outcome)
	}
	q.observe(job, took)
}
