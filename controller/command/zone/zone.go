// Package zone holds the commands on zones.
//
// In:  checked arguments, from package command.
// Out: zones, to package store; their view, to the caller.
package zone

import (
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Deps is what the commands work on.
type Deps struct{ Store *store.Store }

// Commands lists them.
func Commands(d Deps) []command.Command {
	return []command.Command{create(d), update(d), list(d)}
}
