package command

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// Reply is the answer to a request: one key and its JSON object.
type Reply struct {
	Envelope string
	Body     json.RawMessage
}

// ErrorEnvelope is the key of the refusal of a command that does not exist, or
// not for this caller.
const ErrorEnvelope = "errorresponse"

// Call checks a request and carries it out, or accepts it as a job. On an
// error the reply has the envelope that the error belongs into.
func (c *Catalog) Call(ctx context.Context, caller access.Caller, name string, raw map[string]string) (Reply, error) {
	command := c.commands[name]
	if command == nil || command.Private || !command.Roles.Allow(caller.Role) {
		return Reply{Envelope: ErrorEnvelope}, fault.New(fault.Unsupported,
			"The API [%s] does not exist or is not available for the account %s", name, caller.AccountName)
	}
	reply := Reply{Envelope: command.Envelope()}
	ctx = access.With(ctx, caller)
	params, err := command.parse(index(raw))
	if err != nil {
		return reply, err
	}
	if err := c.authorize(ctx, command, caller, params); err != nil {
		return reply, err
	}
	if command.Kind.Async() {
		reply.Body, err = c.submit(ctx, command, caller, params, raw)
		return reply, err
	}
	reply.Body, err = command.run(ctx, params)
	if command.Event != "" {
		c.record(ctx, command, caller, params, reply.Body, err)
	}
	return reply, err
}

// authorize decides on each id that was passed, before the body runs.
func (c *Catalog) authorize(ctx context.Context, command *Command, caller access.Caller, params any) error {
	v := reflect.ValueOf(params)
	for i := range command.params {
		p := &command.params[i]
		field := v.FieldByIndex(p.index)
		if len(p.roles) > 0 && !field.IsZero() && !p.roles.Allow(caller.Role) {
			return fault.New(fault.Denied, "Parameter %s is not available for the account %s", p.name, caller.AccountName)
		}
		if err := c.authorizeField(ctx, command, caller, p, field); err != nil {
			return err
		}
	}
	return nil
}

func (c *Catalog) authorizeField(ctx context.Context, command *Command, caller access.Caller, p *param, field reflect.Value) error {
	if len(p.fields) > 0 {
		for row := range field.Len() {
			for i := range p.fields {
				f := &p.fields[i]
				if err := c.authorizeField(ctx, command, caller, f, field.Index(row).FieldByIndex(f.index)); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if p.ref.kind == "" {
		return nil
	}
	for _, id := range ids(field) {
		if p.any && id == "-1" {
			continue
		}
		subject, err := c.finder.Find(ctx, p.ref.kind, id)
		if err == nil {
			err = access.May(caller, p.ref.level, subject)
		}
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.Invalid, "Unable to execute API command %s due to invalid value. Invalid parameter %s value=%s "+
				"due to incorrect long value format, or entity does not exist or due to incorrect parameter annotation for the field in api cmd class.",
				strings.ToLower(command.Name), p.name, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ids gives the ids in a field: none when it was not passed.
func ids(field reflect.Value) []string {
	switch field.Kind() {
	case reflect.Pointer:
		if field.IsNil() {
			return nil
		}
		return ids(field.Elem())
	case reflect.String:
		if field.String() == "" {
			return nil
		}
		return []string{field.String()}
	}
	list := make([]string, field.Len())
	for i := range list {
		list[i] = field.Index(i).String()
	}
	return list
}

// record writes the event of a command that changed something at once.
func (c *Catalog) record(ctx context.Context, command *Command, caller access.Caller, params any, body json.RawMessage, outcome error) {
	event := resource.Event{
		ID: store.NewID[string](), Owner: caller.Owner(), UserID: caller.UserID, Type: command.Event,
		State: "Completed", Level: "INFO", Description: command.Summary, Created: time.Now().UTC(),
	}
	event.ResourceType, event.ResourceID = command.subject(params)
	if made := madeID(body, command.object()); made != "" {
		event.ResourceType, event.ResourceID = command.object(), made
	}
	if outcome != nil {
		event.Level, event.Description = "ERROR", fault.Message(outcome)
	}
	// The command's outcome stands whether or not its event could be written.
	if err := store.Insert(context.WithoutCancel(ctx), c.store, &event); err != nil {
		c.log.ErrorContext(ctx, "event lost", "event", event.Type, "err", err)
	}
}

// madeID finds the id of the object that a reply holds.
func madeID(body json.RawMessage, object string) string {
	var reply map[string]json.RawMessage
	var made struct{ ID string }
	if json.Unmarshal(body, &reply) != nil || json.Unmarshal(reply[object], &made) != nil {
		return "" // a list, a success, or nothing: the subject says enough
	}
	return made.ID
}
