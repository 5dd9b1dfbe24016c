// Package network holds the commands on networks.
//
// In:  checked arguments, from package command.
// Out: networks, to package store; their view, to the caller.
package network

import (
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Deps is what the commands work on.
type Deps struct{ Store *store.Store }

// Commands lists them.
func Commands(d Deps) []command.Command {
	return []command.Command{create(d), list(d), remove(d)}
}

// guest is the one kind of traffic that a network is for.
const guest = "Guest"

// untagged is the one VLAN there is.
const untagged = "untagged"
