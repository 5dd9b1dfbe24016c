// Package command is the kit on which every API command is declared, once: a
// parameter struct with tags, and a function. Parsing, error texts, access,
// listApis, events, job kinds and metric labels derive from the declaration.
//
//	type startParams struct {
//		VM resource.VMID `param:"id,required,subject" ref:"virtualmachine:operate" doc:"the VM to start"`
//	}
//
//	func Start(d vm.Deps) command.Command {
//		return command.Async(command.Info{
//			Name: "startVirtualMachine", Summary: "Starts a virtual machine.", Since: "1.0",
//			Roles: command.Everyone, Event: "VM.START", Timeout: 10 * time.Minute,
//		}, func(ctx context.Context, p startParams) (view.VM, error) { … })
//	}
//
// A broken declaration panics when the command is declared, which the first
// test reaches. The body runs with checked, typed arguments, and its caller
// (access.From) may touch what they refer to.
//
// In:  a caller and parameters (name → value), from package api; a job, from
// package job.
// Out: a reply, to package api; a job row, to package job.
package command

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/cairn-kvm/cairn/controller/resource"
)

// Info is what a command says of itself beside its parameters and its result.
type Info struct {
	Name    string // camelCase, as CloudStack spells it
	Summary string // one sentence, with a full stop
	Since   string // the version of Cairn that brought it
	Roles   Roles
	Event   string        // "VM.START": required where something changes
	Timeout time.Duration // Async and Create only: how long the job may take
	Reply   string        // the envelope, where CloudStack's is not lower-case name + "response"
	Private bool          // not in the API: a kind of job that the controller gives itself
}

// Roles says which kinds of role may call a command.
type Roles []resource.RoleType

// The usual sets. Root is in each.
var (
	Everyone = Roles{resource.RootAdmin, resource.ResourceAdmin, resource.DomainAdmin, resource.PlainUser}
	RootOnly = Roles{resource.RootAdmin}
)

// Allow reports whether the role is in the set.
func (r Roles) Allow(role resource.RoleType) bool { return slices.Contains(r, role) }

// Command is a declared command.
type Command struct {
	Info
	Kind   Kind
	params []param
	result reflect.Type // the object that the reply holds

	parse    func(values) (any, error)
	allocate func(ctx context.Context, params any) (string, error)
	run      func(ctx context.Context, params any) (json.RawMessage, error)
}

// Kind tells how a command answers.
type Kind int

const (
	KindSync   Kind = iota // with its result, at once
	KindList               // with rows and their count
	KindAsync              // with a job
	KindCreate             // with a job and the id of what it makes
)

// Async reports whether the caller gets a job.
func (k Kind) Async() bool { return k == KindAsync || k == KindCreate }

// Sync declares a command that answers with its result.
func Sync[P any, R Object](info Info, body func(context.Context, P) (R, error)) Command {
	return declare[P, R](info, KindSync, encoded(body, encodeObject[R]))
}

// List declares a command that answers with rows.
func List[P any, R Object](info Info, body func(context.Context, P) (Rows[R], error)) Command {
	return declare[P, R](info, KindList, encoded(body, encodeRows[R]))
}

// Async declares a command whose body runs as a job. The parameter marked
// "subject" orders the jobs: one at a time for each value.
func Async[P any, R Object](info Info, body func(context.Context, P) (R, error)) Command {
	return declare[P, R](info, KindAsync, encoded(body, encodeObject[R]))
}

// Create declares a command in two phases: allocate checks, makes the record
// and gives its id, in one transaction with the job; body goes on as the job,
// and finds the id in JobFrom(ctx).InstanceID.
func Create[P any, R Object](info Info, allocate func(context.Context, P) (string, error), body func(context.Context, P) (R, error)) Command {
	c := declare[P, R](info, KindCreate, encoded(body, encodeObject[R]))
	c.allocate = func(ctx context.Context, params any) (string, error) { return allocate(ctx, params.(P)) }
	return c
}

func encoded[P, R any](body func(context.Context, P) (R, error), encode func(R) (json.RawMessage, error)) func(context.Context, any) (json.RawMessage, error) {
	return func(ctx context.Context, params any) (json.RawMessage, error) {
		result, err := body(ctx, params.(P))
		if err != nil {
			return nil, err
		}
		return encode(result)
	}
}

func declare[P any, R Object](info Info, kind Kind, run func(context.Context, any) (json.RawMessage, error)) Command {
	params := compile(reflect.TypeFor[P]())
	c := Command{Info: info, Kind: kind, params: params, result: reflect.TypeFor[R](), run: run}
	c.parse = func(v values) (any, error) {
		var p P
		err := parse(&c, reflect.ValueOf(&p).Elem(), v)
		return p, err
	}
	if problem := c.problem(); problem != "" {
		panic(fmt.Sprintf("command %s: %s", info.Name, problem))
	}
	return c
}

// problem says what is wrong with a declaration.
func (c *Command) problem() string {
	switch {
	case c.Name == "" || strings.ToLower(c.Name[:1]) != c.Name[:1]:
		return "the name is not camelCase"
	case c.Summary == "" || !strings.HasSuffix(c.Summary, "."):
		return "the summary is not a sentence"
	case c.Since == "" || len(c.Roles) == 0:
		return "Since or Roles is missing"
	case !c.Roles.Allow(resource.RootAdmin):
		return "root may not call it"
	case c.Kind.Async() && c.Timeout <= 0:
		return "an asynchronous command needs a timeout"
	case !c.Kind.Async() && c.Timeout != 0:
		return "only an asynchronous command has a timeout"
	case c.Changes() && c.Event == "":
		return "a change needs an event"
	case !c.Changes() && c.Event != "":
		return "a query has no event"
	case c.Kind == KindAsync && !slices.ContainsFunc(c.params, func(p param) bool { return p.subject }):
		return "an asynchronous command needs a subject"
	}
	return ""
}

// Changes reports whether the command changes anything: all do, but those
// that CloudStack's naming calls queries.
func (c *Command) Changes() bool {
	for _, verb := range []string{"list", "get", "query", "find"} {
		if strings.HasPrefix(c.Name, verb) {
			return false
		}
	}
	return true
}

// Envelope is the one key of the command's reply.
func (c *Command) Envelope() string {
	if c.Reply != "" {
		return c.Reply
	}
	return strings.ToLower(c.Name) + "response"
}
