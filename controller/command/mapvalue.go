package command

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// record is the members of one index of a map parameter: name[3].member.
type record struct {
	index   int
	members map[string]string // the member's name, in its own case
}

// records collects name[index].member=value, in the order of the indices.
func (p *param) records(v values) ([]record, error) {
	prefix := strings.ToLower(p.name) + "["
	byIndex := map[int]record{}
	for key, got := range v {
		rest, mine := strings.CutPrefix(key, prefix)
		if !mine {
			continue
		}
		number, member, ok := strings.Cut(rest, "].")
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 || member == "" || strings.ContainsAny(member, "[]") {
			return nil, fault.New(fault.Malformed, "Unable to decode parameter %s; if specifying an object array, please use "+
				"parameter[index].field=XXX, e.g. userGroupList[0].group=httpGroup", got.name)
		}
		if err := p.check(got.text); err != nil {
			return nil, err
		}
		if byIndex[n].members == nil {
			byIndex[n] = record{n, map[string]string{}}
		}
		byIndex[n].members[got.name[len(got.name)-len(member):]] = got.text
	}
	list := make([]record, 0, len(byIndex))
	for _, r := range byIndex {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b record) int { return a.index - b.index })
	return list, nil
}

func (p *param) setMap(field reflect.Value, v values) (present bool, err error) {
	list, err := p.records(v)
	if err != nil || len(list) == 0 {
		return false, err
	}
	if field.Kind() == reflect.Map {
		field.Set(reflect.ValueOf(pairs(list)))
		return true, nil
	}
	rows := reflect.MakeSlice(field.Type(), len(list), len(list))
	for i, r := range list {
		if err := p.setRecord(rows.Index(i), r); err != nil {
			return false, err
		}
	}
	field.Set(rows)
	return true, nil
}

// pairs reads the spellings of key and value that are in use: [i].key=k with
// [i].value=v, and [i].k=v with any number of names on any number of indices.
func pairs(list []record) map[string]string {
	all := map[string]string{}
	for _, r := range list {
		key, hasKey := r.members["key"]
		value, hasValue := r.members["value"]
		if hasKey && hasValue && len(r.members) == 2 {
			all[key] = value
			continue
		}
		for name, text := range r.members {
			all[name] = text
		}
	}
	return all
}

func (p *param) setRecord(row reflect.Value, r record) error {
	members := index(r.members)
	for i := range p.fields {
		f := &p.fields[i]
		present, err := f.setOne(p.name, row.FieldByIndex(f.index), members)
		if err != nil {
			return err
		}
		if f.required && !present {
			return fault.New(fault.Invalid, "Parameter %s[%d] has no %s", p.name, r.index, f.name)
		}
	}
	return nil
}
