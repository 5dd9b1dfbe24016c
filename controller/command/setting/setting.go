// Package setting holds the commands on global settings.
//
// In:  checked arguments, from package command.
// Out: values, to package setting (the declarations); their view, to the
// caller.
package setting

import (
	"context"
	"strings"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	declared "github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// Deps is what the commands work on.
type Deps struct{ Settings declared.Settings }

// Commands lists them.
func Commands(d Deps) []command.Command { return []command.Command{list(d), update(d)} }

type listParams struct {
	command.Paging
	Name     string          `param:"name" doc:"a part of the name"`
	Category string          `param:"category" doc:"only settings of this category"`
	Zone     resource.ZoneID `param:"zoneid" ref:"zone:operate" doc:"the values that hold in this zone"`
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listConfigurations", Summary: "Lists the global settings.", Since: "1.0", Roles: command.RootOnly,
	}, func(ctx context.Context, p listParams) (command.Rows[view.Configuration], error) {
		page, err := p.Window()
		if err != nil {
			return command.Rows[view.Configuration]{}, err
		}
		rows := []view.Configuration{}
		for _, s := range declared.All() {
			if !p.matches(s) {
				continue
			}
			scope, id := scopeOf(p.Zone)
			value, err := d.Settings.Text(ctx, s, scope, id)
			if err != nil {
				return command.Rows[view.Configuration]{}, err
			}
			rows = append(rows, view.ConfigurationOf(s, scope, value))
		}
		total := len(rows)
		first := min(page.Offset, total)
		return command.Rows[view.Configuration]{Total: total, Rows: rows[first:min(first+page.Limit, total)]}, nil
	})
}

func (p listParams) matches(s *declared.Setting) bool {
	name := strings.ToLower(s.Name)
	return strings.Contains(name, strings.ToLower(p.Name)) && strings.Contains(name, strings.ToLower(p.Keyword)) &&
		(p.Category == "" || strings.EqualFold(p.Category, s.Category)) &&
		(p.Zone == "" || s.In(declared.ZoneScope))
}

func scopeOf(zone resource.ZoneID) (declared.Scope, string) {
	if zone == "" {
		return declared.Global, ""
	}
	return declared.ZoneScope, string(zone)
}

type updateParams struct {
	Name  string          `param:"name,required" doc:"the name of the setting"`
	Value *string         `param:"value" max:"4095" doc:"its new value; the default where absent"`
	Zone  resource.ZoneID `param:"zoneid" ref:"zone:operate" doc:"the zone that the value is for"`
}

func update(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "updateConfiguration", Summary: "Changes a global setting.", Since: "1.0",
		Roles: command.RootOnly, Event: "CONFIGURATION.VALUE.EDIT",
	}, func(ctx context.Context, p updateParams) (view.Configuration, error) {
		s := declared.Find(p.Name)
		scope, id := scopeOf(p.Zone)
		switch {
		case s == nil:
			return view.Configuration{}, fault.New(fault.Invalid, "Config parameter with name %s doesn't exist", p.Name)
		case !s.In(scope):
			return view.Configuration{}, fault.New(fault.Invalid, "Invalid scope id provided for the parameter %s: it has no values of %s scope", p.Name, scope)
		}
		value := s.Default
		if p.Value != nil {
			value = *p.Value
		}
		if err := d.Settings.Put(ctx, s, scope, id, value); err != nil {
			return view.Configuration{}, err
		}
		return view.ConfigurationOf(s, scope, value), nil
	})
}
