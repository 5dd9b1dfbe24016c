// Package job holds the commands on jobs.
//
// In:  checked arguments, from package command.
// Out: jobs as they are now, from package store, to the caller.
package job

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
)

// Deps is what the commands work on.
type Deps struct{ Store *store.Store }

// Commands lists them.
func Commands(d Deps) []command.Command { return []command.Command{query(d), list(d)} }

type queryParams struct {
	Job resource.JobID `param:"jobid,required" ref:"asyncjobs:operate" doc:"the job"`
}

func query(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "queryAsyncJobResult", Summary: "Tells how far a job is, and its result.", Since: "1.0", Roles: command.Everyone,
	}, func(ctx context.Context, p queryParams) (view.JobResult, error) {
		row, err := store.First[resource.Job](ctx, d.Store, store.Filter{"id": p.Job})
		if err != nil {
			return view.JobResult{}, err
		}
		return view.JobResultOf(ctx, d.Store, row)
	})
}
