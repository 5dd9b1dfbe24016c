// Package job is the durable queue: a command that was accepted is a row, and
// it ends exactly once, whatever dies meanwhile. Jobs of one queue key run one
// at a time in the order of their acceptance; a lease says who runs a job, and
// a job whose lease has ended is taken over.
//
// In:  job rows, from package command, in the transaction of what they change.
// Out: the body's call, to the runner (package command again); its outcome,
// to the row that queryAsyncJobResult reads.
package job

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Runner runs the body of a job and gives its result, a JSON object.
type Runner func(ctx context.Context, job *resource.Job) (json.RawMessage, error)

// Config bounds the queue. Zero means the default.
type Config struct {
	Worker   string        // names this process in leases; a restarted process may use its name again
	Parallel int           // jobs that run at a time, 64
	Lease    time.Duration // how long a dead worker's jobs wait for their heir, 8 s
	Poll     time.Duration // how often to look without being woken, 1 s
}

func (c Config) withDefaults() Config {
	if c.Worker == "" {
		c.Worker = "local"
	}
	if c.Parallel == 0 {
		c.Parallel = 64
	}
	if c.Lease == 0 {
		c.Lease = 8 * time.Second
	}
	if c.Poll == 0 {
		c.Poll = time.Second
	}
	return c
}

// Queue is safe for concurrent use.
type Queue struct {
	cfg     Config
	store   *store.Store
	log     *slog.Logger
	wake    chan struct{} // capacity 1: "look again"
	observe Observer

	mu      sync.Mutex
	running map[resource.JobID]context.CancelCauseFunc
}

// Observer is told of each job that ended; see package controller's metrics.
type Observer func(job *resource.Job, took time.Duration)

// New makes a queue; Run sets it going. observe may be nil.
func New(cfg Config, s *store.Store, log *slog.Logger, observe Observer) *Queue {
	if observe == nil {
		observe = func(*resource.Job, time.Duration) {}
	}
	return &Queue{
		cfg: cfg.withDefaults(), store: s, log: log, observe: observe,
		wake: make(chan struct{}, 1), running: map[resource.JobID]context.CancelCauseFunc{},
	}
}

// Submit adds a job, in the context's transaction if there is one.
func (q *Queue) Submit(ctx context.Context, job *resource.Job) error {
	now := time.Now().UTC()
	job.Status, job.Created, job.Lease, job.NotBefore = resource.JobPending, now, now, now
	return q.store.InTx(ctx, func(ctx context.Context) error {
		if err := store.Insert(ctx, q.store, job); err != nil {
			return err
		}
		store.AfterCommit(ctx, q.Wake)
		return q.event(ctx, job, "Scheduled", "INFO")
	})
}

// Wake makes the queue look for work.
func (q *Queue) Wake() {
	select {
	case q.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// event writes one line of the job's history.
func (q *Queue) event(ctx context.Context, job *resource.Job, state, level string) error {
	if job.Event == "" {
		return nil
	}
	return store.Insert(ctx, q.store, &resource.Event{
		ID: store.NewID[string](), Owner: job.Owner, UserID: job.UserID, JobID: job.ID, Type: job.Event,
		State: state, Level: level, Description: job.Command, ResourceType: job.InstanceType, ResourceID: job.InstanceID,
		Created: time.Now().UTC(),
	})
}
