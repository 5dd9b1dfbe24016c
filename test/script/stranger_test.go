package script

import (
	"context"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/controller"
	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// strangersLearnNothing: whoever passes the id of what it may not touch reads
// the same sentence as for an id that nobody has.
func strangersLearnNothing(t *testing.T, c *controller.Controller) {
	town := settle(t, c.Store())
	probed := 0
	for _, cmd := range c.Catalog().Commands() {
		for _, p := range flat(cmd.Audit()) {
			of, known := kinds[p.Ref]
			switch {
			case p.Ref == "" || cmd.Private || of.site && p.Level == access.Use: // anybody's to use
				continue
			case !known:
				t.Fatalf("no %s can be made for the audit: add it to kinds", p.Ref)
			}
			for _, stranger := range []access.Caller{town.bob, town.dora} {
				if cmd.Roles.Allow(stranger.Role) {
					town.probe(t, c.Catalog(), cmd, p, stranger)
					probed++
				}
			}
		}
	}
	if probed < 10 {
		t.Errorf("only %d references were probed", probed)
	}
}

// probe asks as a stranger for what is alice's, for what nobody has, and as
// alice for her own.
func (town *town) probe(t *testing.T, catalog *command.Catalog, cmd *command.Command, p command.ParamAudit, stranger access.Caller) {
	t.Helper()
	ask := func(caller access.Caller, id string) string {
		params := town.rest(t, cmd, p.Name)
		params[p.Name] = id
		_, err := catalog.Call(t.Context(), caller, cmd.Name, params)
		return fault.Of(err).String() + ": " + strings.ReplaceAll(fault.Message(err), id, "ID")
	}
	name := p.Name[strings.LastIndex(p.Name, ".")+1:]
	sentence := "invalid: Unable to execute API command " + strings.ToLower(cmd.Name) + " due to invalid value. Invalid parameter " + name +
		" value=ID due to incorrect long value format, or entity does not exist or due to incorrect parameter annotation for the field in api cmd class."
	hers, nobodys := ask(stranger, town.keep(t, p.Ref, town.alice.Owner())), ask(stranger, store.NewID[string]())
	if len(p.Roles) > 0 && !p.Roles.Allow(stranger.Role) {
		sentence = "denied: Parameter " + p.Name + " is not available for the account " + stranger.AccountName
	}
	if hers != sentence || nobodys != sentence {
		t.Errorf("%s of %s as %s\n    hers: %s\n nobodys: %s\n    want: %s", p.Name, cmd.Name, stranger.AccountName, hers, nobodys, sentence)
	}
	if !kinds[p.Ref].owned || len(p.Roles) > 0 {
		return
	}
	if own := ask(town.alice, town.keep(t, p.Ref, town.alice.Owner())); own == sentence {
		t.Errorf("%s of %s refuses its owner: %s", p.Name, cmd.Name, own)
	}
}

// byName are values for parameters that a command checks before it looks at
// ids; all others take whatever is of their type.
var byName = map[string]string{
	"publickey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8zTdGTPZrqV2ZfWyHBIZgSkKlfKvfVDMPzLYx0Fhdu",
	"url":       "http://images.test/debian.qcow2",
}

// rest fills in what the command requires beside the parameter.
func (town *town) rest(t *testing.T, cmd *command.Command, without string) map[string]string {
	t.Helper()
	values := map[string]string{
		"string": "x", "uuid": store.NewID[string](), "boolean": "true", "integer": "1", "long": "1", "float": "1", "date": "2026-01-01", "list": "x",
	}
	params := map[string]string{}
	for _, p := range cmd.Audit() {
		switch {
		case !p.Required || p.Name == without:
		case p.Ref != "":
			params[p.Name] = town.keep(t, p.Ref, town.bob.Owner())
		case byName[p.Name] != "":
			params[p.Name] = byName[p.Name]
		case len(p.Enum) > 0:
			params[p.Name] = p.Enum[0]
		default:
			params[p.Name] = values[p.Wire]
		}
	}
	return params
}

// town is who the audit speaks as: alice and the others have nothing to do
// with one another.
type town struct {
	store *store.Store
	alice access.Caller
	bob   access.Caller // a user
	dora  access.Caller // the admin of another domain
}

func settle(t *testing.T, s *store.Store) *town {
	t.Helper()
	town := &town{store: s}
	home := func(name string) *resource.Domain {
		domain := &resource.Domain{ID: store.NewID[resource.DomainID](), Name: name, Path: "/" + name + "/", Level: 1}
		insert(t, s, domain)
		return domain
	}
	caller := func(name string, in *resource.Domain, role resource.RoleType) access.Caller {
		number, err := s.Next(t.Context(), "account")
		if err != nil {
			t.Fatal(err)
		}
		account := &resource.Account{
			ID: store.NewID[resource.AccountID](), Number: number, Name: name, DomainID: in.ID, Role: role, State: resource.AccountEnabled,
		}
		insert(t, s, account)
		return access.Caller{
			UserID: store.NewID[resource.UserID](), UserName: name, AccountID: account.ID, AccountName: name,
			DomainID: in.ID, DomainPath: in.Path, Role: role,
		}
	}
	town.alice = caller("alice", home("acme"), resource.PlainUser)
	elsewhere := home("elsewhere")
	town.bob, town.dora = caller("bob", elsewhere, resource.PlainUser), caller("dora", elsewhere, resource.DomainAdmin)
	return town
}

func insert[T any](t *testing.T, s *store.Store, row *T) {
	t.Helper()
	if err := store.Insert(t.Context(), s, row); err != nil {
		t.Fatalf("%T: %v", row, err)
	}
}

// keep makes one of a kind for an owner, and gives its id.
func (town *town) keep(t *testing.T, kind string, owner resource.Owner) string {
	t.Helper()
	id := store.NewID[string]()
	if err := kinds[kind].make(t.Context(), town.store, id, owner); err != nil {
		t.Fatalf("make a %s: %v", kind, err)
	}
	return id
}

// kind is how the audit makes something that an id can name. What belongs to
// the site is anybody's to use, and root's to operate.
type kind struct {
	site, owned bool
	make        func(ctx context.Context, s *store.Store, id string, owner resource.Owner) error
}

// of is a kind with an owner; number is another one each time.
func of[T any](row func(id string, number int64, owner resource.Owner) *T) kind {
	return kind{owned: true, make: func(ctx context.Context, s *store.Store, id string, owner resource.Owner) error {
		number, err := s.Next(ctx, "audit")
		if err != nil {
			return err
		}
		return store.Insert(ctx, s, row(id, number, owner))
	}}
}

func ofSite[T any](row func(id string) *T) kind {
	made := of(func(id string, _ int64, _ resource.Owner) *T { return row(id) })
	made.site, made.owned = true, false
	return made
}

var kinds = map[string]kind{
	"zone":        ofSite(func(id string) *resource.Zone { return &resource.Zone{ID: resource.ZoneID(id), Name: id} }),
	"pod":         ofSite(func(id string) *resource.Pod { return &resource.Pod{ID: resource.PodID(id), Name: id} }),
	"cluster":     ofSite(func(id string) *resource.Cluster { return &resource.Cluster{ID: resource.ClusterID(id), Name: id} }),
	"host":        ofSite(func(id string) *resource.Host { return &resource.Host{ID: resource.HostID(id), Name: id} }),
	"storagepool": ofSite(func(id string) *resource.Pool { return &resource.Pool{ID: resource.PoolID(id), Name: id} }),
	"imagestore":  ofSite(func(id string) *resource.Store { return &resource.Store{ID: resource.StoreID(id), Name: id} }),
	"serviceoffering": ofSite(func(id string) *resource.ServiceOffering {
		return &resource.ServiceOffering{ID: resource.ServiceOfferingID(id), Name: id}
	}),
	"networkoffering": ofSite(func(id string) *resource.NetworkOffering {
		return &resource.NetworkOffering{ID: resource.NetworkOfferingID(id), Name: id}
	}),

	"network": of(func(id string, _ int64, o resource.Owner) *resource.Network {
		return &resource.Network{ID: resource.NetworkID(id), Owner: o, Name: id, ACLType: resource.ACLAccount}
	}),
	"template": of(func(id string, _ int64, o resource.Owner) *resource.Template {
		return &resource.Template{ID: resource.TemplateID(id), Owner: o, Name: id}
	}),
	"virtualmachine": of(func(id string, n int64, o resource.Owner) *resource.VM {
		return &resource.VM{ID: resource.VMID(id), Owner: o, Number: n, Name: id, InstanceName: id, State: resource.VMStopped}
	}),
	"sshkeypair": of(func(id string, _ int64, o resource.Owner) *resource.SSHKey {
		return &resource.SSHKey{ID: resource.SSHKeyID(id), Owner: o, Name: id, Fingerprint: id}
	}),
	"asyncjobs": of(func(id string, _ int64, o resource.Owner) *resource.Job {
		return &resource.Job{ID: resource.JobID(id), Owner: o, Command: "startVirtualMachine", Status: resource.JobFailed}
	}),

	"domain": {make: func(ctx context.Context, s *store.Store, id string, _ resource.Owner) error {
		return store.Insert(ctx, s, &resource.Domain{ID: resource.DomainID(id), Name: id, Path: "/acme/" + id + "/"})
	}},
}
