// Package imagestore holds the commands on image stores, which is where
// templates lie.
//
// In:  checked arguments, from package command.
// Out: image stores, to package store; their view, to the caller.
package imagestore

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
