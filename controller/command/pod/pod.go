// Package pod holds the commands on pods.
//
// In:  checked arguments, from package command.
// Out: pods, to package store; their view, to the caller.
package pod

import (
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Deps is what the commands work on.
type Deps struct{ Store *store.Store }

// Commands lists them.
func Commands(d Deps) []command.Command {
	return []command.Command{create(d), list(d)}
}
