package command

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// values are the parameters of a request. Names are looked up whatever their
// case; the names inside a map keep theirs.
type values map[string]value

type value struct{ name, text string }

// index folds the names. Of two spellings of one name the last in the order of
// the alphabet counts, so that a request and its job mean the same.
func index(raw map[string]string) values {
	v := make(values, len(raw))
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		v[strings.ToLower(name)] = value{name, raw[name]}
	}
	return v
}

// parse fills the parameter struct. Errors speak CloudStack's sentences:
// clients search in them.
func parse(c *Command, target reflect.Value, v values) error {
	for i := range c.params {
		p := &c.params[i]
		field := target.FieldByIndex(p.index)
		var present bool
		var err error
		if p.isMap() {
			present, err = p.setMap(field, v)
		} else {
			present, err = p.setOne(c.Name, field, v)
		}
		if err != nil {
			return err
		}
		if p.required && !present {
			return fault.New(fault.Invalid, "Unable to execute API command %s due to missing parameter %s", strings.ToLower(c.Name), p.name)
		}
	}
	if checker, has := target.Addr().Interface().(interface{ Check() error }); has {
		return checker.Check()
	}
	return nil
}

func (p *param) isMap() bool { return p.kind.Kind() == reflect.Map || len(p.fields) > 0 }

// setOne reads a parameter that is not a map. A blank value counts as absent
// where the type cannot be blank, and for a required parameter.
func (p *param) setOne(command string, field reflect.Value, v values) (present bool, err error) {
	got, present := v[strings.ToLower(p.name)]
	if !present || strings.TrimSpace(got.text) == "" && (p.required || !p.blankable()) {
		return false, nil
	}
	if err := p.check(got.text); err != nil {
		return false, err
	}
	if err := set(field, got.text); err != nil {
		return false, p.invalid(command, got.text)
	}
	if len(p.enum) > 0 && !p.setEnum(field, got.text) {
		return false, p.invalid(command, got.text)
	}
	return true, nil
}

func (p *param) blankable() bool {
	t := p.kind
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.String && p.ref.kind == "" && len(p.enum) == 0
}

func (p *param) invalid(command, text string) error {
	return fault.New(fault.Invalid, "Unable to execute API command %s due to invalid value %s for parameter %s",
		strings.ToLower(command), text, p.name)
}

// check bounds the length and refuses what cannot be printed.
func (p *param) check(text string) error {
	if p.max > 0 && utf8.RuneCountInString(text) > p.max {
		return fault.New(fault.Invalid, "Value greater than max allowed length %d for param: %s", p.max, p.name)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable) {
		return fault.New(fault.Invalid, "Received value containing illegal ASCII non-printable characters for parameter %s", p.name)
	}
	return nil
}

func unprintable(r rune) bool {
	return r <= 8 || r == 11 || r == 12 || r >= 14 && r <= 31 || r == 127
}

// setEnum accepts the words of an enumeration in any case and keeps ours.
func (p *param) setEnum(field reflect.Value, text string) bool {
	for _, word := range p.enum {
		if strings.EqualFold(word, text) {
			if field.Kind() == reflect.Pointer {
				field = field.Elem()
			}
			field.SetString(word)
			return true
		}
	}
	return false
}
