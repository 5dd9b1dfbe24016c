package command

import (
	"reflect"
	"slices"
	"strings"

	"github.com/cairn-kvm/cairn/controller/access"
)

// Description is a command as listApis tells it. Arrays are never null:
// clients index them without looking.
type Description struct {
	Name     string             `json:"name" doc:"the name of the command"`
	Summary  string             `json:"description" doc:"what it does"`
	Async    bool               `json:"isasync" doc:"whether it answers with a job"`
	Since    string             `json:"since" doc:"the version that brought it"`
	Related  string             `json:"related" doc:"commands that answer with the same kind of object"`
	Params   []ParamDescription `json:"params" doc:"its parameters"`
	Response []FieldDescription `json:"response" doc:"the fields of its result"`
}

// ObjectName is CloudStack's.
func (Description) ObjectName() string { return "api" }

// ParamDescription is a parameter as listApis tells it.
type ParamDescription struct {
	Name     string `json:"name" doc:"the name of the parameter"`
	Doc      string `json:"description" doc:"what it means"`
	Type     string `json:"type" doc:"its type on the wire"`
	Length   int    `json:"length" doc:"the longest value"`
	Required bool   `json:"required" doc:"whether it must be passed"`
	Since    string `json:"since,omitempty" doc:"the version that brought it"`
	Related  string `json:"related,omitempty" doc:"commands that answer with what the id names"`
}

// FieldDescription is a field of a result as listApis tells it.
type FieldDescription struct {
	Name     string             `json:"name" doc:"the name of the field"`
	Doc      string             `json:"description" doc:"what it means"`
	Type     string             `json:"type" doc:"its type"`
	Response []FieldDescription `json:"response,omitempty" doc:"the fields of its members"`
}

// Describe tells what the caller may call, in the order of the names.
func (c *Catalog) Describe(caller access.Caller) []Description {
	var list []Description
	for _, command := range c.Commands() {
		if !command.Private && command.Roles.Allow(caller.Role) {
			list = append(list, c.describe(command))
		}
	}
	return list
}

func (c *Catalog) describe(command *Command) Description {
	d := Description{
		Name: command.Name, Summary: command.Summary, Async: command.Kind.Async(), Since: command.Since,
		Related: c.related(command.object(), command.Name), Params: []ParamDescription{}, Response: fields(command.result),
	}
	for _, p := range command.params {
		d.Params = append(d.Params, ParamDescription{
			Name: p.name, Doc: p.doc, Type: p.wire, Length: p.max, Required: p.required, Since: p.since,
			Related: c.related(p.ref.kind, ""),
		})
	}
	if command.Kind.Async() {
		d.Response = append(d.Response,
			FieldDescription{Name: "jobid", Doc: "the job that does it", Type: "string"},
			FieldDescription{Name: "jobstatus", Doc: "0 while it runs", Type: "integer"})
	}
	return d
}

// related names the commands that answer with a kind of object, without one.
func (c *Catalog) related(kind, without string) string {
	var names []string
	for _, command := range c.Commands() {
		if kind != "" && !command.Private && command.Name != without && command.object() == kind {
			names = append(names, command.Name)
		}
	}
	return strings.Join(names, ",")
}

// fields reads the json and doc tags of a result.
func fields(t reflect.Type) []FieldDescription {
	list := []FieldDescription{}
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Anonymous {
			list = append(list, fields(field.Type)...)
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		d := FieldDescription{Name: name, Doc: field.Tag.Get("doc"), Type: wireType(field.Type)}
		if element := field.Type; element.Kind() == reflect.Slice && element.Elem().Kind() == reflect.Struct && element.Elem() != t {
			d.Response = fields(element.Elem())
		}
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b FieldDescription) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// dated is a type that is a date on the wire.
type dated interface{ IsDate() }

func wireType(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Implements(reflect.TypeFor[dated]()) {
		return "date"
	}
	names := map[reflect.Kind]string{
		reflect.Bool: "boolean", reflect.Int: "integer", reflect.Int64: "long", reflect.Float64: "double",
		reflect.Slice: "list", reflect.Map: "map", reflect.Struct: "object",
	}
	if name, known := names[t.Kind()]; known {
		return name
	}
	return "string"
}
