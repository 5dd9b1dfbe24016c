// Package commandtest drives commands through the real kit and a real
// database: requests go in as names and values, and come out as the JSON that
// a client would see. Jobs run at once, on the call that submitted them.
//
// In:  commands, from the tests of each command package; requests, by name.
// Out: decoded replies and faults, to those tests.
package commandtest

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/logging/logtest"
)

// Cloud is a controller's database with a few accounts, and a catalogue to
// which a test adds the commands that it is about.
type Cloud struct {
	Store   *store.Store
	Catalog *command.Catalog

	Root  access.Caller // the admin of all, in the domain ROOT
	Dora  access.Caller // the admin of the domain acme
	Alice access.Caller // a user in acme
	Bob   access.Caller // a user in ROOT: a stranger to Alice

	t    *testing.T
	jobs map[string]outcome
}

type outcome struct {
	body json.RawMessage
	err  error
}

// New makes a cloud that ends with the test.
func New(t *testing.T) *Cloud {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "cairn.db"), Key: store.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &Cloud{Store: s, t: t, jobs: map[string]outcome{}}
	c.Catalog = command.NewCatalog(s, queue{c}, logtest.New(t))
	top, acme := c.domain("ROOT", "/"), c.domain("acme", "/acme/")
	c.Root = c.caller("admin", top, resource.RootAdmin)
	c.Dora = c.caller("dora", acme, resource.DomainAdmin)
	c.Alice = c.caller("alice", acme, resource.PlainUser)
	c.Bob = c.caller("bob", top, resource.PlainUser)
	return c
}

// Call makes a request of names and values in turn. The reply of a job is its
// result; an error is that of the call or of the job.
func (c *Cloud) Call(caller access.Caller, name string, pairs ...string) (Reply, error) {
	c.t.Helper()
	raw := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		raw[pairs[i]] = pairs[i+1]
	}
	answer, err := c.Catalog.Call(c.t.Context(), caller, name, raw)
	if err != nil {
		return nil, err
	}
	reply := c.decode(answer.Body)
	job, async := c.jobs[reply.Text("jobid")]
	if !async {
		return reply, nil
	}
	if job.err != nil {
		return nil, job.err
	}
	return c.decode(job.body), nil
}

// Must is Call for a request that has to succeed.
func (c *Cloud) Must(caller access.Caller, name string, pairs ...string) Reply {
	c.t.Helper()
	reply, err := c.Call(caller, name, pairs...)
	if err != nil {
		c.t.Fatalf("%s %q: %v", name, pairs, err)
	}
	return reply
}

// Refused is Call for a request that has to fail with this kind and text.
func (c *Cloud) Refused(kind fault.Kind, text string, caller access.Caller, name string, pairs ...string) {
	c.t.Helper()
	reply, err := c.Call(caller, name, pairs...)
	if fault.Of(err) != kind || fault.Message(err) != text {
		c.t.Errorf("%s %q\n got %v: %s %v\nwant %v: %s", name, pairs, fault.Of(err), fault.Message(err), reply, kind, text)
	}
}

// Zone makes an enabled zone.
func (c *Cloud) Zone(name string) *resource.Zone {
	c.t.Helper()
	return Insert(c, &resource.Zone{
		ID: store.NewID[resource.ZoneID](), Name: name, NetworkType: "Advanced", DNS1: "9.9.9.9", InternalDNS1: "10.0.0.53",
		Allocation: resource.AllocationEnabled, Created: time.Now().UTC(),
	})
}

// Insert keeps a record that the test needs around.
func Insert[T any](c *Cloud, row *T) *T {
	c.t.Helper()
	if err := store.Insert(c.t.Context(), c.Store, row); err != nil {
		c.t.Fatal(err)
	}
	return row
}

func (c *Cloud) domain(name, path string) *resource.Domain {
	return Insert(c, &resource.Domain{ID: store.NewID[resource.DomainID](), Name: name, Path: path, Created: time.Now().UTC()})
}

func (c *Cloud) caller(name string, home *resource.Domain, role resource.RoleType) access.Caller {
	number, err := c.Store.Next(c.t.Context(), "account")
	if err != nil {
		c.t.Fatal(err)
	}
	account := Insert(c, &resource.Account{
		ID: store.NewID[resource.AccountID](), Number: number, Name: name, DomainID: home.ID, Role: role,
		State: resource.AccountEnabled, Created: time.Now().UTC(),
	})
	user := Insert(c, &resource.User{
		ID: store.NewID[resource.UserID](), AccountID: account.ID, Name: name, State: resource.AccountEnabled, Created: time.Now().UTC(),
	})
	return access.Caller{
		UserID: user.ID, UserName: name, AccountID: account.ID, AccountName: name,
		DomainID: home.ID, DomainPath: home.Path, Role: role,
	}
}

func (c *Cloud) decode(body json.RawMessage) Reply {
	c.t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var reply Reply
	if err := decoder.Decode(&reply); err != nil {
		c.t.Fatalf("reply %s: %v", body, err)
	}
	return reply
}

// queue runs a job as soon as it is committed, in a context that knows no
// caller, as a worker's does.
type queue struct{ *Cloud }

func (q queue) Submit(ctx context.Context, job *resource.Job) error {
	store.AfterCommit(ctx, func() {
		body, err := q.Catalog.Execute(q.t.Context(), job)
		q.jobs[string(job.ID)] = outcome{body, err}
	})
	return nil
}
