package job

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/cairn-kvm/cairn/controller/resource"
)

func (q *Queue) hold(id resource.JobID, cancel context.CancelCauseFunc) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running[id] = cancel
}

func (q *Queue) drop(id resource.JobID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, id)
}

// keepLeases renews the leases three times in their length until the context
// ends, and stops the bodies whose jobs were taken over. The channel closes
// when it has returned.
func (q *Queue) keepLeases(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(q.cfg.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				q.renew(ctx)
			}
		}
	}()
	return done
}

func (q *Queue) renew(ctx context.Context) {
	before := q.snapshot()
	if len(before) == 0 {
		return
	}
	held, err := q.store.RenewJobs(ctx, q.cfg.Worker, slices.Collect(maps.Keys(before)), time.Now().UTC().Add(q.cfg.Lease))
	if err != nil {
		if ctx.Err() == nil {
			q.log.WarnContext(ctx, "cannot renew leases", "err", err)
		}
		return
	}
	for _, id := range held {
		delete(before, id)
	}
	for id, cancel := range before {
		if q.still(id) { // it may have finished between the snapshot and the renewal
			q.log.WarnContext(ctx, "job lost to another worker", "job", id)
			cancel(ErrLost)
		}
	}
}

func (q *Queue) snapshot() map[resource.JobID]context.CancelCauseFunc {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := make(map[resource.JobID]context.CancelCauseFunc, len(q.running))
	for id, cancel := range q.running {
		all[id] = cancel
	}
	return all
}

func (q *Queue) still(id resource.JobID) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.running[id] != nil
}
