package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// claimable selects a job that nobody works on and that no earlier unfinished
// job of its queue key precedes.
const claimable = `
	((status = ? AND not_before <= ?) OR (status = ? AND lease < ?))
	AND (queue_key = '' OR NOT EXISTS (
		SELECT 1 FROM jobs AS before
		WHERE before.queue_key = job.queue_key AND before.seq < job.seq AND before.status IN (?, ?)))`

// ClaimJob takes the oldest job that may run now and leases it to the worker.
// A running job whose lease has ended is taken over, but for those that the
// worker runs itself: it was only slow. Nil means that there is nothing to do.
func (s *Store) ClaimJob(ctx context.Context, worker string, now time.Time, lease time.Duration, running ...resource.JobID) (*resource.Job, error) {
	var job *resource.Job
	err := s.InTx(ctx, func(ctx context.Context) error {
		var found []resource.Job
		err := s.write(ctx).NewSelect().Model(&found).
			Where(claimable, resource.JobPending, now, resource.JobRunning, now, resource.JobPending, resource.JobRunning).
			Where("id NOT IN (?)", bun.List(append([]resource.JobID{""}, running...))).
			Order("seq").Limit(1).Scan(ctx)
		if err != nil || len(found) == 0 {
			return err
		}
		job = &found[0]
		job.Status, job.Worker, job.Lease = resource.JobRunning, worker, now.Add(lease)
		job.Attempt++
		if job.Started == nil {
			job.Started = &now
		}
		return Update(ctx, s, job, "status", "worker", "lease", "attempt", "started")
	})
	return job, err
}

// RenewJobs prolongs the leases of the jobs that the worker runs and tells
// which it still holds: one that is missing was taken over. A job that it does
// not run any more, but whose outcome could not be written, is left to lapse.
func (s *Store) RenewJobs(ctx context.Context, worker string, running []resource.JobID, until time.Time) ([]resource.JobID, error) {
	var held []resource.JobID
	_, err := s.write(ctx).NewUpdate().Model((*resource.Job)(nil)).
		Set("lease = ?", until).Where("worker = ? AND status = ? AND id IN (?)", worker, resource.JobRunning, bun.List(running)).
		Returning("id").Exec(ctx, &held)
	return held, classify(err)
}

// FinishJob writes the outcome, if the worker still holds the job: a job that
// was taken over meanwhile is a Conflict, and nothing changes.
func (s *Store) FinishJob(ctx context.Context, job *resource.Job) error {
	result, err := s.write(ctx).NewUpdate().Model(job).
		Column("status", "result", "fault_kind", "fault_text", "completed", "instance_id").
		WherePK().Where("worker = ? AND status = ?", job.Worker, resource.JobRunning).Exec(ctx)
	if err != nil {
		return classify(err)
	}
	if changed, err := result.RowsAffected(); err != nil || changed == 0 {
		return fault.New(fault.Conflict, "job %s is no longer held by worker %s", job.ID, job.Worker)
	}
	return nil
}

// PostponeJob hands a job back until the moment; its attempt does not count.
func (s *Store) PostponeJob(ctx context.Context, job *resource.Job, until time.Time) error {
	_, err := s.write(ctx).NewUpdate().Model((*resource.Job)(nil)).
		Set("status = ?", resource.JobPending).Set("worker = ''").Set("attempt = attempt - 1").Set("not_before = ?", until).
		Where("id = ? AND worker = ? AND status = ?", string(job.ID), job.Worker, resource.JobRunning).Exec(ctx)
	return classify(err)
}

// ReleaseJobs hands the worker's jobs back at once; their attempt does not
// count.
func (s *Store) ReleaseJobs(ctx context.Context, worker string) error {
	_, err := s.write(ctx).NewUpdate().Model((*resource.Job)(nil)).
		Set("status = ?", resource.JobPending).Set("worker = ''").Set("attempt = attempt - 1").
		Where("worker = ? AND status = ?", worker, resource.JobRunning).Exec(ctx)
	return classify(err)
}

// UnfinishedJob finds the oldest waiting or running job of a queue key, nil
// when there is none.
func (s *Store) UnfinishedJob(ctx context.Context, queueKey string) (*resource.Job, error) {
	job, err := First[resource.Job](ctx, s, Filter{
		"queue_key": queueKey, "status": []resource.JobStatus{resource.JobPending, resource.JobRunning},
	})
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return job, err
}

// PurgeJobs removes what finished before the moment: jobs, their workflows and
// their settled actions.
func (s *Store) PurgeJobs(ctx context.Context, before time.Time) (int, error) {
	purged := 0
	err := s.InTx(ctx, func(ctx context.Context) error {
		var ids []resource.JobID
		err := s.write(ctx).NewDelete().Model((*resource.Job)(nil)).
			Where("status IN (?, ?) AND completed < ?", resource.JobSucceeded, resource.JobFailed, before).
			Returning("id").Scan(ctx, &ids)
		if err != nil || len(ids) == 0 {
			return classify(err)
		}
		purged = len(ids)
		if _, err := s.write(ctx).NewDelete().Model((*resource.Flow)(nil)).Where("job_id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
			return classify(err)
		}
		_, err = s.write(ctx).NewDelete().Model((*resource.Action)(nil)).
			Where("job_id IN (?) AND state <> ?", bun.List(ids), resource.ActionPending).Exec(ctx)
		return classify(err)
	})
	return purged, err
}
