// Package offering holds the commands on service offerings, the sizes of VMs.
//
// In:  checked arguments, from package command.
// Out: service offerings, to package store; their view, to the caller.
package offering

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

// active is the state of an offering that VMs can have.
const active = "Active"
