// Package template holds the commands on templates.
//
// In:  checked arguments, from package command.
// Out: templates, to package store; the job that fetches one, to package job;
// their view, to the caller.
package template

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/workflow"
)

// Jobs accepts the controller's own jobs.
type Jobs interface {
	Enqueue(ctx context.Context, name string, owner resource.Owner, user resource.UserID, params map[string]string) (resource.JobID, error)
}

// Deps is what the commands work on.
type Deps struct {
	Store    *store.Store
	Machines workflow.Machines
	Jobs     Jobs
}

// Commands lists them.
func Commands(d Deps) []command.Command {
	return []command.Command{register(d), fetch(d), list(d), remove(d)}
}
