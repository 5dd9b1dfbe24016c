// Package discovery holds the commands that tell what the API can do.
//
// In:  the catalogue of all commands.
// Out: their description, to the caller.
package discovery

import (
	"context"
	"slices"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// Deps is what the commands work on.
type Deps struct{ Catalog *command.Catalog }

// Commands lists them.
func Commands(d Deps) []command.Command {
	return []command.Command{listAPIs(d), listCapabilities()}
}

type listAPIsParams struct {
	Name string `param:"name" doc:"only this command"`
}

func listAPIs(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listApis", Summary: "Lists the commands that the caller may use.", Since: "1.0", Roles: command.Everyone,
	}, func(ctx context.Context, p listAPIsParams) (command.Rows[command.Description], error) {
		all := d.Catalog.Describe(access.From(ctx))
		if p.Name != "" {
			all = slices.DeleteFunc(all, func(one command.Description) bool { return one.Name != p.Name })
			if len(all) == 0 {
				return command.Rows[command.Description]{}, fault.New(fault.Invalid,
					"Api Discovery plugin was unable to find an api by that name or process any apis: %s", p.Name)
			}
		}
		return command.Rows[command.Description]{Total: len(all), Rows: all}, nil
	})
}

type noParams struct{}

func listCapabilities() command.Command {
	return command.Sync(command.Info{
		Name: "listCapabilities", Summary: "Tells what this cloud can do.", Since: "1.0", Roles: command.Everyone,
	}, func(context.Context, noParams) (view.Capability, error) { return view.Capabilities(), nil })
}
