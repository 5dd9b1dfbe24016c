package command

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/secret"
)

// param is one declared parameter. The whole vocabulary of tags:
//
//	param:"name,required,…"        the wire's name; "subject": the value orders the command's jobs;
//	                               "any": the id may be -1, for all of them
//	ref:"kind:level"               the value is an id, or a list of ids, of that kind; level is use or operate
//	doc:"…"                        required
//	since:"1.1"                    when it came, where later than the command
//	roles:"Admin"                  who may pass it; others are refused
//	max:"5120"                     longest value in characters, 255 where absent, 0 for no bound
//	secret:"true"                  never logged, sealed in the job (implied by the type secret.Text)
//	type:"date"                    the wire's type, where the Go type does not say it
//
// Types of fields: string, secret.Text, bool, ints, float64, time.Time, string
// types with Values() (enumerations), pointers to these (nil: not passed),
// slices of strings (lists), map[string]string and slices of structs (maps),
// and embedded structs.
type param struct {
	name     string
	index    []int
	kind     reflect.Type
	required bool
	subject  bool
	any      bool
	ref      reference
	doc      string
	since    string
	roles    Roles
	max      int
	secret   bool
	wire     string // the type in listApis
	enum     []string
	fields   []param // of a slice of structs
}

type reference struct {
	kind  string
	level access.Level
}

const defaultMax = 255

var tagNames = []string{"param", "ref", "doc", "since", "roles", "max", "secret", "type"}

// compile reads the declaration; it panics on a broken one.
func compile(t reflect.Type) []param {
	var params []param
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Anonymous && field.Tag.Get("param") == "" {
			for _, p := range compile(field.Type) {
				p.index = append([]int{i}, p.index...)
				params = append(params, p)
			}
			continue
		}
		p := compileField(field)
		p.index = []int{i}
		if slices.ContainsFunc(params, func(other param) bool { return strings.EqualFold(other.name, p.name) }) {
			panic(fmt.Sprintf("parameter %s stands twice in %s", p.name, t))
		}
		params = append(params, p)
	}
	return params
}

func compileField(field reflect.StructField) param {
	checkTags(field)
	words := strings.Split(field.Tag.Get("param"), ",")
	p := param{
		name: words[0], kind: field.Type, max: defaultMax,
		doc: field.Tag.Get("doc"), since: field.Tag.Get("since"),
		secret: field.Tag.Get("secret") == "true" || holdsSecret(field.Type),
	}
	for _, word := range words[1:] {
		switch word {
		case "required":
			p.required = true
		case "subject":
			p.subject = true
		case "any":
			p.any = true
		default:
			panic(fmt.Sprintf("parameter %s: unknown word %q", p.name, word))
		}
	}
	p.ref = compileRef(p.name, field.Tag.Get("ref"))
	if text := field.Tag.Get("max"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil {
			panic(fmt.Sprintf("parameter %s: max %q is not a number", p.name, text))
		}
		p.max = limit
	}
	if text := field.Tag.Get("roles"); text != "" {
		for name := range strings.SplitSeq(text, ",") {
			p.roles = append(p.roles, resource.RoleType(name))
		}
	}
	p.describe(field)
	return p
}

// holdsSecret reports whether the type is secret.Text, a pointer to one or a
// list of them.
func holdsSecret(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t == reflect.TypeFor[secret.Text]()
}

func checkTags(field reflect.StructField) {
	rest := string(field.Tag)
	for rest != "" {
		name, after, found := strings.Cut(strings.TrimLeft(rest, " "), ":")
		if !found || !slices.Contains(tagNames, name) {
			panic(fmt.Sprintf("field %s: tag %q is not in the vocabulary %v", field.Name, name, tagNames))
		}
		quoted, err := strconv.QuotedPrefix(after)
		if err != nil {
			panic(fmt.Sprintf("field %s: tag %s is not quoted", field.Name, name))
		}
		rest = after[len(quoted):]
	}
	if field.Tag.Get("param") == "" || field.Tag.Get("doc") == "" {
		panic(fmt.Sprintf("field %s: param or doc is missing", field.Name))
	}
}

func compileRef(name, text string) reference {
	if text == "" {
		return reference{}
	}
	kind, level, _ := strings.Cut(text, ":")
	ref := reference{kind, access.Level(level)}
	if !access.Knows(kind) || ref.level != access.Use && ref.level != access.Operate {
		panic(fmt.Sprintf("parameter %s: ref %q is not a known kind and level", name, text))
	}
	return ref
}

// describe finds the wire's type and the words of an enumeration.
func (p *param) describe(field reflect.StructField) {
	t := p.kind
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case field.Tag.Get("type") != "":
		p.wire = field.Tag.Get("type")
	case t == reflect.TypeFor[secret.Text]():
		p.wire = "string"
	case t == reflect.TypeFor[time.Time]():
		p.wire = "date"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		p.wire, p.fields = "map", compile(t.Elem())
	case t.Kind() == reflect.Slice:
		p.wire = "list"
	case t.Kind() == reflect.Map:
		p.wire = "map"
	case p.ref.kind != "":
		p.wire = "uuid"
	default:
		p.wire = map[reflect.Kind]string{
			reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer",
			reflect.Int64: "long", reflect.Float64: "float",
		}[t.Kind()]
	}
	if p.wire == "" {
		panic(fmt.Sprintf("parameter %s: type %s cannot be a parameter", p.name, p.kind))
	}
	if e, is := reflect.Zero(t).Interface().(interface{ Values() []string }); is {
		p.enum = e.Values()
	}
}
