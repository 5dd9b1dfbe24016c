package command

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type accepted struct {
	ID  string         `json:"id,omitempty"`
	Job resource.JobID `json:"jobid"`
}

// submit turns a checked request into a job row. What allocate writes and the
// job commit together.
func (c *Catalog) submit(ctx context.Context, command *Command, caller access.Caller, params any, raw map[string]string) (json.RawMessage, error) {
	job := &resource.Job{
		ID: store.NewID[resource.JobID](), Owner: caller.Owner(), UserID: caller.UserID,
		Command: command.Name, Params: c.seal(command, raw), Event: command.Event, Timeout: command.Timeout,
	}
	err := c.store.InTx(ctx, func(ctx context.Context) error {
		job.InstanceType, job.InstanceID = command.subject(params)
		if command.allocate != nil {
			id, err := command.allocate(ctx, params)
			if err != nil {
				return err
			}
			job.InstanceType, job.InstanceID = command.object(), id
		}
		job.QueueKey = job.InstanceType + "/" + job.InstanceID
		return c.queue.Submit(ctx, job)
	})
	if err != nil {
		return nil, err
	}
	reply := accepted{Job: job.ID}
	if command.Kind == KindCreate {
		reply.ID = job.InstanceID
	}
	return json.Marshal(reply)
}

// Enqueue accepts a job that the controller gives itself, on behalf of an
// owner. It joins the context's transaction.
func (c *Catalog) Enqueue(ctx context.Context, name string, owner resource.Owner, user resource.UserID, raw map[string]string) (resource.JobID, error) {
	command := c.commands[name]
	params, err := command.parse(index(raw))
	if err != nil {
		return "", err
	}
	job := &resource.Job{
		ID: store.NewID[resource.JobID](), Owner: owner, UserID: user,
		Command: command.Name, Params: c.seal(command, raw), Event: command.Event, Timeout: command.Timeout,
	}
	job.InstanceType, job.InstanceID = command.subject(params)
	job.QueueKey = job.InstanceType + "/" + job.InstanceID
	return job.ID, c.queue.Submit(ctx, job)
}

// subject gives kind and id of what the command acts on: the parameter marked
// so, else the first one that is operated on.
func (c *Command) subject(params any) (kind, id string) {
	v := reflect.ValueOf(params)
	for _, p := range c.params {
		if p.ref.kind == "" || p.wire == "map" {
			continue
		}
		found := ids(v.FieldByIndex(p.index))
		if len(found) == 1 && (p.subject || kind == "" && p.ref.level == access.Operate) {
			kind, id = p.ref.kind, found[0]
		}
		if p.subject {
			return kind, id
		}
	}
	return kind, id
}

func (c *Command) object() string {
	return reflect.Zero(c.result).Interface().(Object).ObjectName()
}

const sealedPrefix = "sealed:"

// seal keeps the request as it came in, without what only the envelope needed,
// and with its secrets sealed.
func (c *Catalog) seal(command *Command, raw map[string]string) map[string]string {
	kept := map[string]string{}
	known := command.byName()
	for name, text := range raw {
		base, _, _ := strings.Cut(strings.ToLower(name), "[")
		p, declared := known[base]
		switch {
		case !declared:
		case p.secret:
			kept[name] = sealedPrefix + base64.StdEncoding.EncodeToString(c.store.SealBytes([]byte(text)))
		default:
			kept[name] = text
		}
	}
	return kept
}

func (c *Catalog) unseal(command *Command, kept map[string]string) (map[string]string, error) {
	raw := make(map[string]string, len(kept))
	known := command.byName()
	for name, text := range kept {
		base, _, _ := strings.Cut(strings.ToLower(name), "[")
		if p := known[base]; p != nil && p.secret {
			sealed, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, sealedPrefix))
			if err != nil {
				return nil, fmt.Errorf("parameter %s of a job: %w", name, err)
			}
			opened, err := c.store.Unseal(sealed)
			if err != nil {
				return nil, fmt.Errorf("parameter %s of a job: %w", name, err)
			}
			text = opened.Reveal()
		}
		raw[name] = text
	}
	return raw, nil
}

func (c *Command) byName() map[string]*param {
	names := make(map[string]*param, len(c.params))
	for i := range c.params {
		names[strings.ToLower(c.params[i].name)] = &c.params[i]
	}
	return names
}

// Execute runs the body of a job's command. Access was decided when the job
// was accepted; it may run again after a crash, and must then go on.
func (c *Catalog) Execute(ctx context.Context, job *resource.Job) (json.RawMessage, error) {
	command := c.commands[job.Command]
	if command == nil {
		return nil, fault.New(fault.Unsupported, "The API [%s] does not exist in this version", job.Command)
	}
	raw, err := c.unseal(command, job.Params)
	if err != nil {
		return nil, err
	}
	params, err := command.parse(index(raw))
	if err != nil {
		return nil, err
	}
	return command.run(WithJob(ctx, job), params)
}

type jobKey struct{}

// WithJob puts the job into the context of the body.
func WithJob(ctx context.Context, job *resource.Job) context.Context {
	return context.WithValue(ctx, jobKey{}, job)
}

// JobFrom gives the job whose body runs; it panics outside of one.
func JobFrom(ctx context.Context) *resource.Job { return ctx.Value(jobKey{}).(*resource.Job) }
