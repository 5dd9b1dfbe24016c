// Package host holds the commands on hosts. A host comes by its agent's
// joining, not by a command.
//
// In:  checked arguments, from package command.
// Out: the hosts' view, to the caller.
package host

import (
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Deps is what the commands work on.
type Deps struct{ Store *store.Store }

// Commands lists them.
func Commands(d Deps) []command.Command {
	return []command.Command{list(d)}
}
