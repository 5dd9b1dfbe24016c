package store_test

import (
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/store/storetest"
	"github.com/cairn-kvm/cairn/internal/fault"
)

var start = time.Date(2026, 4, 10, 14, 0, 0, 0, time.UTC)

func addJob(t *testing.T, s *store.Store, id resource.JobID, queue string) {
	t.Helper()
	if err := store.Insert(t.Context(), s, &resource.Job{ID: id, QueueKey: queue, Created: start, Lease: start, NotBefore: start}); err != nil {
		t.Fatal(err)
	}
}

func claim(t *testing.T, s *store.Store, worker string, at time.Duration) *resource.Job {
	t.Helper()
	job, err := s.ClaimJob(t.Context(), worker, start.Add(at), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func finish(t *testing.T, s *store.Store, job *resource.Job) error {
	t.Helper()
	job.Status, job.Completed = resource.JobSucceeded, &start
	return s.FinishJob(t.Context(), job)
}

func TestJobsOfOneKeyRunInOrder(t *testing.T) {
	s := storetest.Open(t)
	addJob(t, s, "a1", "vm/a")
	addJob(t, s, "a2", "vm/a")
	addJob(t, s, "b1", "vm/b")
	addJob(t, s, "free", "")
	a1, b1, free := claim(t, s, "w", 0), claim(t, s, "w", 0), claim(t, s, "w", 0)
	if a1.ID != "a1" || b1.ID != "b1" || free.ID != "free" {
		t.Fatalf("claimed %s, %s, %s", a1.ID, b1.ID, free.ID)
	}
	if job := claim(t, s, "w", 0); job != nil {
		t.Fatalf("%s runs beside a1", job.ID)
	}
	if err := finish(t, s, a1); err != nil {
		t.Fatal(err)
	}
	if job := claim(t, s, "w", 0); job == nil || job.ID != "a2" {
		t.Fatalf("after a1 came %v", job)
	}
}

func TestALostLeaseIsTakenOver(t *testing.T) {
	s := storetest.Open(t)
	addJob(t, s, "a1", "vm/a")
	dead := claim(t, s, "dead", 0)
	if job := claim(t, s, "heir", 9*time.Second); job != nil {
		t.Fatal("taken over before the lease ended")
	}
	heir := claim(t, s, "heir", 11*time.Second)
	if heir == nil || heir.ID != "a1" || heir.Attempt != 2 {
		t.Fatalf("taken over: %+v", heir)
	}
	if err := finish(t, s, dead); !fault.Is(err, fault.Conflict) {
		t.Errorf("the dead worker finished the job: %v", err)
	}
	if err := finish(t, s, heir); err != nil {
		t.Error(err)
	}
}

func TestRenewAndRelease(t *testing.T) {
	s, ctx := storetest.Open(t), t.Context()
	addJob(t, s, "a1", "vm/a")
	claim(t, s, "w", 0)
	held, err := s.RenewJobs(ctx, "w", []resource.JobID{"a1"}, start.Add(time.Minute))
	if err != nil || len(held) != 1 || held[0] != "a1" {
		t.Fatalf("held %v, %v", held, err)
	}
	if job := claim(t, s, "heir", 30*time.Second); job != nil {
		t.Fatal("taken over although renewed")
	}
	if err := s.ReleaseJobs(ctx, "w"); err != nil {
		t.Fatal(err)
	}
	if job := claim(t, s, "heir", 0); job == nil || job.Attempt != 1 {
		t.Fatalf("after release: %+v", job)
	}
}

func TestAPostponedJobWaits(t *testing.T) {
	s := storetest.Open(t)
	addJob(t, s, "a1", "vm/a")
	if err := s.PostponeJob(t.Context(), claim(t, s, "w", 0), start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if job := claim(t, s, "w", 59*time.Second); job != nil {
		t.Fatal("claimed before its time")
	}
	if job := claim(t, s, "w", time.Minute); job == nil || job.Attempt != 1 {
		t.Fatalf("at its time: %+v", job)
	}
}

func TestPurge(t *testing.T) {
	s, ctx := storetest.Open(t), t.Context()
	addJob(t, s, "old", "")
	addJob(t, s, "waiting", "")
	if err := finish(t, s, claim(t, s, "w", 0)); err != nil {
		t.Fatal(err)
	}
	if err := store.Insert(ctx, s, &resource.Flow{JobID: "old"}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.PurgeJobs(ctx, start.Add(time.Second)); err != nil || n != 1 {
		t.Fatalf("purged %d, %v", n, err)
	}
	if flows, err := store.Count[resource.Flow](ctx, s, nil); err != nil || flows != 0 {
		t.Errorf("%d workflows left, %v", flows, err)
	}
	if jobs, err := store.Count[resource.Job](ctx, s, nil); err != nil || jobs != 1 {
		t.Errorf("%d jobs left, %v", jobs, err)
	}
}

func TestActionsOfOneSubjectGoOneByOne(t *testing.T) {
	s, ctx := storetest.Open(t), t.Context()
	for _, id := range []string{"j/volume", "j/drive", "k/volume"} {
		action := &resource.Action{ID: id, HostID: "h", Subject: id[:1], State: resource.ActionPending, Payload: s.SealBytes([]byte("p")), Created: start, NotBefore: start}
		if err := store.Insert(ctx, s, action); err != nil {
			t.Fatal(err)
		}
	}
	pending, err := s.PendingActions(ctx, "h", start)
	if err != nil || len(pending) != 2 || pending[0].ID != "j/volume" || pending[1].ID != "k/volume" {
		t.Fatalf("pending %v, %v", pending, err)
	}
	if was, err := s.SettleAction(ctx, "j/volume", "other host", []byte("r"), start); err != nil || was {
		t.Errorf("a stranger settled it: %v, %v", was, err)
	}
	if was, err := s.SettleAction(ctx, "j/volume", "h", []byte("r"), start); err != nil || !was {
		t.Errorf("settle: %v, %v", was, err)
	}
	if was, err := s.SettleAction(ctx, "j/volume", "h", []byte("r"), start); err != nil || was {
		t.Errorf("settled twice: %v, %v", was, err)
	}
	done, err := store.First[resource.Action](ctx, s, store.Filter{"id": "j/volume"})
	if err != nil || done.Payload != nil || string(done.Result) != "r" {
		t.Errorf("settled: %+v, %v", done, err)
	}
	if pending, err = s.PendingActions(ctx, "h", start); err != nil || pending[0].ID != "j/drive" {
		t.Errorf("next: %v, %v", pending, err)
	}
	held := &pending[0]
	held.NotBefore = start.Add(time.Minute)
	if err := store.Update(ctx, s, held, "not_before"); err != nil {
		t.Fatal(err)
	}
	if pending, err = s.PendingActions(ctx, "h", start.Add(59*time.Second)); err != nil || len(pending) != 1 || pending[0].ID != "k/volume" {
		t.Errorf("held back: %v, %v", pending, err)
	}
}

// TestAnUnwrittenOutcomeIsNotForgotten: the lease of a job that its worker
// does not run any more lapses, and the job runs again.
func TestAnUnwrittenOutcomeIsNotForgotten(t *testing.T) {
	s := storetest.Open(t)
	addJob(t, s, "lost", "vm/a")
	addJob(t, s, "held", "vm/b")
	claim(t, s, "w", 0)
	claim(t, s, "w", 0)
	if _, err := s.RenewJobs(t.Context(), "w", []resource.JobID{"held"}, start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if job := claim(t, s, "w", time.Minute); job == nil || job.ID != "lost" {
		t.Errorf("claimed %+v", job)
	}
}
