package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cairn-kvm/cairn/controller/job"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/store/storetest"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// bench is a queue that runs, with the channel on which its ends are told.
type bench struct {
	*job.Queue
	store *store.Store
	ended chan *resource.Job
	stop  func()
}

func run(t *testing.T, s *store.Store, cfg job.Config, runner job.Runner) *bench {
	t.Helper()
	b := &bench{store: s, ended: make(chan *resource.Job, 100)}
	b.Queue = job.New(cfg, s, slog.New(slog.DiscardHandler), func(j *resource.Job, _ time.Duration) { b.ended <- j })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx, runner) }()
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(b.stop)
	return b
}

func (b *bench) submit(t *testing.T, id resource.JobID, key string) {
	t.Helper()
	err := b.Submit(t.Context(), &resource.Job{ID: id, Command: string(id), QueueKey: key, Timeout: time.Minute, Event: "X"})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) row(t *testing.T, id resource.JobID) *resource.Job {
	t.Helper()
	row, err := store.First[resource.Job](t.Context(), b.store, store.Filter{"id": id})
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func TestOutcomes(t *testing.T) {
	b := run(t, storetest.Open(t), job.Config{}, func(_ context.Context, j *resource.Job) (json.RawMessage, error) {
		switch j.ID {
		case "good":
			return json.RawMessage(`{"success":true}`), nil
		case "full":
			return nil, errors.Join(fault.New(fault.NoCapacity, "no host has room"))
		}
		panic("broken body")
	})
	for id, want := range map[resource.JobID]struct {
		status resource.JobStatus
		kind   fault.Kind
		text   string
	}{
		"good":   {resource.JobSucceeded, fault.None, ""},
		"full":   {resource.JobFailed, fault.NoCapacity, "no host has room"},
		"broken": {resource.JobFailed, fault.Internal, "internal error"},
	} {
		b.submit(t, id, "")
		<-b.ended
		row := b.row(t, id)
		if row.Status != want.status || fault.Kind(row.FaultKind) != want.kind || row.FaultText != want.text || row.Completed == nil {
			t.Errorf("%s: %+v", id, row)
		}
	}
	result, err := b.store.UnsealBytes(b.row(t, "good").Result)
	if err != nil || string(result) != `{"success":true}` {
		t.Errorf("result %s, %v", result, err)
	}
	events, err := store.All[resource.Event](t.Context(), b.store, store.Filter{"job_id": resource.JobID("full")})
	if err != nil || len(events) != 2 || events[0].State != "Scheduled" || events[1].State != "Completed" || events[1].Level != "ERROR" {
		t.Errorf("events %+v, %v", events, err)
	}
}

func TestOneKeyOneByOneAndOthersBeside(t *testing.T) {
	var mu sync.Mutex
	var order []resource.JobID
	running, free := make(chan resource.JobID), make(chan struct{})
	b := run(t, storetest.Open(t), job.Config{}, func(_ context.Context, j *resource.Job) (json.RawMessage, error) {
		running <- j.ID
		<-free
		mu.Lock()
		defer mu.Unlock()
		order = append(order, j.ID)
		return json.RawMessage(`{}`), nil
	})
	b.submit(t, "a1", "vm/a")
	b.submit(t, "a2", "vm/a")
	b.submit(t, "b1", "vm/b")
	first := map[resource.JobID]bool{<-running: true, <-running: true}
	if !first["a1"] || !first["b1"] {
		t.Fatalf("beside each other ran %v", first)
	}
	free <- struct{}{}
	free <- struct{}{}
	if next := <-running; next != "a2" {
		t.Fatalf("after them ran %s", next)
	}
	free <- struct{}{}
	for range 3 {
		<-b.ended
	}
}

// TestShutdownHandsOver: a body that is interrupted is no failure, and the
// next life of the worker runs the job again, as the same attempt.
func TestShutdownHandsOver(t *testing.T) {
	s := storetest.Open(t)
	started := make(chan struct{})
	first := run(t, s, job.Config{}, func(ctx context.Context, _ *resource.Job) (json.RawMessage, error) {
		close(started)
		<-ctx.Done()
		if !job.Interrupted(ctx) {
			t.Error("the body cannot tell that it is to let go")
		}
		return nil, ctx.Err()
	})
	first.submit(t, "long", "vm/a")
	<-started
	first.stop()
	second := run(t, s, job.Config{}, func(_ context.Context, j *resource.Job) (json.RawMessage, error) {
		if j.Attempt != 1 {
			t.Errorf("attempt %d", j.Attempt)
		}
		return json.RawMessage(`{}`), nil
	})
	if j := <-second.ended; j.ID != "long" || j.Status != resource.JobSucceeded {
		t.Errorf("ended %+v", j)
	}
}

// TestADeadWorkersJobIsTakenOver: the heir has it when the lease has ended.
func TestADeadWorkersJobIsTakenOver(t *testing.T) {
	s := storetest.Open(t)
	err := store.Insert(t.Context(), s, &resource.Job{ID: "orphan", QueueKey: "vm/a", Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ClaimJob(t.Context(), "dead", time.Now().UTC(), 300*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	heir := run(t, s, job.Config{Worker: "heir", Poll: 20 * time.Millisecond}, func(context.Context, *resource.Job) (json.RawMessage, error) {
		return json.RawMessage(`{}`), nil
	})
	if j := <-heir.ended; j.ID != "orphan" || j.Attempt != 2 || j.Worker != "heir" {
		t.Errorf("ended %+v", j)
	}
}

// TestALostJobIsLetGo: a worker that finds its lease gone stops the body, and
// writes nothing over the heir's outcome.
func TestALostJobIsLetGo(t *testing.T) {
	s := storetest.Open(t)
	letGo := make(chan struct{})
	b := run(t, s, job.Config{Worker: "slow", Lease: 60 * time.Millisecond}, func(ctx context.Context, j *resource.Job) (json.RawMessage, error) {
		if _, err := s.ClaimJob(context.WithoutCancel(ctx), "heir", time.Now().UTC().Add(time.Hour), time.Hour); err != nil {
			t.Error(err)
		}
		<-ctx.Done()
		close(letGo)
		return json.RawMessage(`{}`), nil
	})
	b.submit(t, "stolen", "vm/a")
	<-letGo
	b.stop()
	if row := b.row(t, "stolen"); row.Worker != "heir" || row.Status != resource.JobRunning {
		t.Errorf("after the loss: %+v", row)
	}
}

func TestTimeoutNamesItsLimit(t *testing.T) {
	b := run(t, storetest.Open(t), job.Config{}, func(ctx context.Context, _ *resource.Job) (json.RawMessage, error) {
		<-ctx.Done()
		return nil, context.Cause(ctx)
	})
	err := b.Submit(t.Context(), &resource.Job{ID: "slow", Command: "slowCommand", Timeout: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if j := <-b.ended; fault.Kind(j.FaultKind) != fault.Timeout || j.FaultText != "slowCommand took longer than its limit of 10ms" {
		t.Errorf("ended %+v", j)
	}
}

func TestRetryRunsAgain(t *testing.T) {
	tries := 0
	b := run(t, storetest.Open(t), job.Config{Poll: 5 * time.Millisecond}, func(context.Context, *resource.Job) (json.RawMessage, error) {
		if tries++; tries < 3 {
			return nil, job.Retry(time.Millisecond, errors.New("not yet"))
		}
		return json.RawMessage(`{}`), nil
	})
	b.submit(t, "patient", "")
	if j := <-b.ended; j.Status != resource.JobSucceeded || tries != 3 {
		t.Errorf("after %d tries: %+v", tries, j)
	}
}
