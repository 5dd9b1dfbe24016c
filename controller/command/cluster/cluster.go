// Package cluster holds the commands on clusters.
//
// In:  checked arguments, from package command.
// Out: clusters, to package store; their view, to the caller.
package cluster

import (
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Deps is what the commands work on.
type Deps struct{ Store *store.Store }

// Commands lists them.
func Commands(d Deps) []command.Command {
	return []command.Command{add(d), list(d)}
}
