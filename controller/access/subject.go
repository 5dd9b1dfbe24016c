package access

import (
	"context"
	"fmt"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// Level is what a caller wants to do to a resource.
type Level string

const (
	Use     Level = "use"     // refer to it: deploy from a template, into a network
	Operate Level = "operate" // change it, or see it whole
)

// Subject is a resource as access sees it.
type Subject struct {
	Site       bool // belongs to nobody: a zone, an offering, a host
	Public     bool // owned, but everybody may use it
	AccountID  resource.AccountID
	DomainPath string
}

// May decides. What a caller may not touch, it learns nothing about: the fault
// is NotFound, as if it were not there.
func May(caller Caller, level Level, subject Subject) error {
	switch {
	case caller.Root(), subject.Site && level == Use:
		return nil
	case subject.Site:
	case subject.AccountID == caller.AccountID, caller.governs(subject.DomainPath):
		return nil
	case level == Use && (subject.Public || subject.AccountID == "" && subject.DomainPath == caller.DomainPath):
		return nil
	}
	return fault.New(fault.NotFound, "no such resource")
}

// Finder looks a resource up by its kind, which is the name that the API's
// replies give it.
type Finder struct{ Store *store.Store }

// Find gives the subject of an id. A kind that is not known is a mistake of
// the program.
func (f Finder) Find(ctx context.Context, kind, id string) (Subject, error) {
	lookup, known := lookups[kind]
	if !known {
		return Subject{}, fmt.Errorf("no resource kind %q", kind)
	}
	return lookup(ctx, f.Store, id)
}

// Knows reports whether the kind can be looked up.
func Knows(kind string) bool { return lookups[kind] != nil }

type lookup func(ctx context.Context, s *store.Store, id string) (Subject, error)

var lookups = map[string]lookup{
	"zone":            site[resource.Zone],
	"pod":             site[resource.Pod],
	"cluster":         site[resource.Cluster],
	"host":            site[resource.Host],
	"storagepool":     site[resource.Pool],
	"imagestore":      site[resource.Store],
	"serviceoffering": site[resource.ServiceOffering],
	"networkoffering": site[resource.NetworkOffering],
	"network": owned(func(n *resource.Network) (resource.Owner, bool) {
		return n.Owner, n.ACLType == "Domain"
	}),
	"template": owned(func(t *resource.Template) (resource.Owner, bool) {
		return t.Owner, t.Public || t.Featured
	}),
	"virtualmachine": owned(func(vm *resource.VM) (resource.Owner, bool) { return vm.Owner, false }),
	"sshkeypair":     owned(func(key *resource.SSHKey) (resource.Owner, bool) { return key.Owner, false }),
	"asyncjobs":      owned(func(job *resource.Job) (resource.Owner, bool) { return job.Owner, false }),
	"domain":         domain,
	"account": owned(func(a *resource.Account) (resource.Owner, bool) {
		return resource.Owner{AccountID: a.ID, DomainID: a.DomainID}, false
	}),
}

func site[T any](ctx context.Context, s *store.Store, id string) (Subject, error) {
	_, err := store.First[T](ctx, s, store.Filter{"id": store.Exactly(id)})
	return Subject{Site: true}, err
}

func owned[T any](of func(*T) (owner resource.Owner, public bool)) lookup {
	return func(ctx context.Context, s *store.Store, id string) (Subject, error) {
		row, err := store.First[T](ctx, s, store.Filter{"id": store.Exactly(id)})
		if err != nil {
			return Subject{}, err
		}
		owner, public := of(row)
		home, err := store.Get[resource.Domain](ctx, s, owner.DomainID)
		if err != nil {
			return Subject{}, err
		}
		return Subject{AccountID: owner.AccountID, DomainPath: home.Path, Public: public}, nil
	}
}

func domain(ctx context.Context, s *store.Store, id string) (Subject, error) {
	row, err := store.First[resource.Domain](ctx, s, store.Filter{"id": store.Exactly(id)})
	if err != nil {
		return Subject{}, err
	}
	return Subject{DomainPath: row.Path}, nil
}
