// Package setting holds every global setting, declared once: its name, type,
// default, limits, scopes and meaning. listConfigurations, the checks of
// updateConfiguration and the documentation derive from the declarations.
//
// In:  values, from package store; a scope, from whoever asks.
// Out: typed values, to whoever asks; rows, to the commands on settings.
package setting

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// Scope is where a setting may have a value of its own.
type Scope string

const (
	Global    Scope = "Global"
	ZoneScope Scope = "Zone"
)

// Setting is a declaration.
type Setting struct {
	Name     string
	Type     string // Boolean, Number, String: CloudStack's words
	Default  string
	Scopes   []Scope // Global is always among them
	Category string
	Doc      string
	Static   bool // a change takes effect at the next start of the controller
	check    func(text string) error
}

// Of is a setting whose values are of type T.
type Of[T any] struct {
	*Setting
	parse func(text string) (T, error)
}

// All lists every setting, in the order of their names.
func All() []*Setting {
	list := slices.Clone(declared)
	slices.SortFunc(list, func(a, b *Setting) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Find gives a setting by its name, nil when there is none.
func Find(name string) *Setting {
	for _, s := range declared {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Check says whether the text may become the setting's value.
func (s *Setting) Check(text string) error { return s.check(text) }

// In reports whether the setting may have a value in the scope.
func (s *Setting) In(scope Scope) bool { return slices.Contains(s.Scopes, scope) }

// Settings reads values.
type Settings struct{ Store *store.Store }

// Text gives the value that holds in a scope: its own, else the global one,
// else the default.
func (s Settings) Text(ctx context.Context, setting *Setting, scope Scope, id string) (string, error) {
	rows, err := store.All[resource.SettingValue](ctx, s.Store, store.Filter{"name": setting.Name})
	if err != nil {
		return "", fmt.Errorf("read setting %s: %w", setting.Name, err)
	}
	text := setting.Default
	for _, row := range rows {
		switch {
		case row.Scope == string(scope) && row.ScopeID == id:
			return row.Value, nil
		case row.Scope == string(Global):
			text = row.Value
		}
	}
	return text, nil
}

// Put gives a setting a value in a scope.
func (s Settings) Put(ctx context.Context, setting *Setting, scope Scope, id, text string) error {
	if err := setting.Check(text); err != nil {
		return err
	}
	row := &resource.SettingValue{Name: setting.Name, Scope: string(scope), ScopeID: id, Value: text}
	err := store.Update(ctx, s.Store, row, "value")
	if fault.Is(err, fault.NotFound) {
		err = store.Insert(ctx, s.Store, row)
	}
	return err
}

// Global gives the value outside of any scope.
func (o Of[T]) Global(ctx context.Context, s Settings) (T, error) { return o.value(ctx, s, Global, "") }

// In gives the value that holds in a zone.
func (o Of[T]) InZone(ctx context.Context, s Settings, zone resource.ZoneID) (T, error) {
	return o.value(ctx, s, ZoneScope, string(zone))
}

func (o Of[T]) value(ctx context.Context, s Settings, scope Scope, id string) (T, error) {
	text, err := s.Text(ctx, o.Setting, scope, id)
	if err != nil {
		var none T
		return none, err
	}
	value, err := o.parse(text)
	if err != nil {
		return value, fmt.Errorf("setting %s: %w", o.Name, err)
	}
	return value, nil
}

func boolean(s Setting) Of[bool] {
	s.Type = "Boolean"
	return declare(s, func(text string) (bool, error) {
		value, err := strconv.ParseBool(strings.ToLower(text))
		if err != nil {
			return false, fault.New(fault.Invalid, "Please enter a valid value for %s: true or false, not %q", s.Name, text)
		}
		return value, nil
	})
}

func number(s Setting, lowest, highest int) Of[int] {
	s.Type = "Number"
	return declare(s, func(text string) (int, error) {
		value, err := strconv.Atoi(text)
		if err != nil || value < lowest || value > highest {
			return 0, fault.New(fault.Invalid, "Please enter a valid value for %s: a number from %d to %d, not %q", s.Name, lowest, highest, text)
		}
		return value, nil
	})
}

func text(s Setting, check func(string) error) Of[string] {
	s.Type = "String"
	return declare(s, func(text string) (string, error) { return text, check(text) })
}

func declare[T any](s Setting, parse func(string) (T, error)) Of[T] {
	s.check = func(text string) error { _, err := parse(text); return err }
	s.Scopes = append([]Scope{Global}, s.Scopes...)
	if err := s.check(s.Default); err != nil {
		panic(fmt.Sprintf("setting %s: its default: %v", s.Name, err))
	}
	declared = append(declared, &s)
	return Of[T]{&s, parse}
}
