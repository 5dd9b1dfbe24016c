// Package networkoffering holds the commands on network offerings.
//
// In:  checked arguments, from package command.
// Out: network offerings, to package store; their view, to the caller.
package networkoffering

import (
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// Deps is what the commands work on.
type Deps struct{ Store *store.Store }

// Commands lists them.
func Commands(d Deps) []command.Command {
	return []command.Command{create(d), update(d), list(d)}
}

type availability string

func (availability) Values() []string { return []string{"Optional", "Required"} }

// guest is the one kind of traffic that an offering is for.
const guest = "Guest"

type trafficType string

func (trafficType) Values() []string { return []string{guest} }

// named gives a taken name its sentence.
func named(err error, name string) error {
	if fault.Is(err, fault.Conflict) {
		return fault.New(fault.Invalid, "A network offering with the name %s exists already", name)
	}
	return err
}
