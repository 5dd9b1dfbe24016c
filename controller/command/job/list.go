package job

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
)

type listParams struct {
	command.Paging
	command.Owned
	StartDate time.Time `param:"startdate" doc:"only jobs that were accepted at this moment or later"`
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listAsyncJobs", Summary: "Lists jobs, the finished ones too until they expire.", Since: "1.0", Roles: command.Everyone,
	}, func(ctx context.Context, p listParams) (command.Rows[view.Job], error) {
		filter, err := p.Scope(ctx, d.Store)
		if err != nil {
			return command.Rows[view.Job]{}, err
		}
		filter["keyword"] = store.AnyLike(p.Keyword, "command")
		if !p.StartDate.IsZero() {
			filter["created"] = store.From(p.StartDate)
		}
		return command.SelectAll(ctx, d.Store, p.Paging, filter, func(ctx context.Context, rows []resource.Job) ([]view.Job, error) {
			return view.Jobs(ctx, d.Store, rows)
		})
	})
}
