package access_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/store/storetest"
	"github.com/cairn-kvm/cairn/internal/fault"
)

var (
	root    = access.Caller{AccountID: "root", DomainID: "d0", DomainPath: "/", Role: resource.RootAdmin}
	dora    = access.Caller{AccountID: "dora", DomainID: "d1", DomainPath: "/acme/", Role: resource.DomainAdmin}
	alice   = access.Caller{AccountID: "alice", DomainID: "d1", DomainPath: "/acme/", Role: resource.PlainUser}
	bob     = access.Caller{AccountID: "bob", DomainID: "d2", DomainPath: "/acme2/", Role: resource.PlainUser}
	callers = map[string]access.Caller{"root": root, "dora": dora, "alice": alice, "bob": bob}
)

func TestMay(t *testing.T) {
	ofAlice := access.Subject{AccountID: "alice", DomainPath: "/acme/"}
	public := access.Subject{AccountID: "alice", DomainPath: "/acme/", Public: true}
	below := access.Subject{AccountID: "x", DomainPath: "/acme/sales/"}
	for name, test := range map[string]struct {
		subject access.Subject
		level   access.Level
		allowed []string
	}{
		"the site's, to use":          {access.Subject{Site: true}, access.Use, []string{"root", "dora", "alice", "bob"}},
		"the site's, to change":       {access.Subject{Site: true}, access.Operate, []string{"root"}},
		"alice's, to change":          {ofAlice, access.Operate, []string{"root", "dora", "alice"}},
		"alice's, to use":             {ofAlice, access.Use, []string{"root", "dora", "alice"}},
		"alice's public, to use":      {public, access.Use, []string{"root", "dora", "alice", "bob"}},
		"alice's public, to change":   {public, access.Operate, []string{"root", "dora", "alice"}},
		"of a domain below":           {below, access.Operate, []string{"root", "dora"}},
		"a domain, to name it":        {access.Subject{DomainPath: "/acme/"}, access.Use, []string{"root", "dora", "alice"}},
		"a domain of a like name":     {access.Subject{DomainPath: "/acme2/"}, access.Use, []string{"root", "bob"}},
		"a domain, to change":         {access.Subject{DomainPath: "/acme/"}, access.Operate, []string{"root", "dora"}},
		"what nobody owns, to change": {access.Subject{}, access.Operate, []string{"root"}},
	} {
		for who, caller := range callers {
			err := access.May(caller, test.level, test.subject)
			want := contains(test.allowed, who)
			if (err == nil) != want || err != nil && !fault.Is(err, fault.NotFound) {
				t.Errorf("%s, %s: %v, want allowed %v", name, who, err, want)
			}
		}
	}
	if access.May(access.Caller{}, access.Use, access.Subject{Site: true}) != nil || access.May(access.Caller{}, access.Operate, ofAlice) == nil {
		t.Error("the zero caller may only look at the site")
	}
}

func contains(list []string, word string) bool {
	for _, one := range list {
		if one == word {
			return true
		}
	}
	return false
}

// tree makes the domains and accounts of the callers.
func tree(t *testing.T) *store.Store {
	t.Helper()
	s := storetest.Open(t)
	for id, path := range map[resource.DomainID]string{"d0": "/", "d1": "/acme/", "d2": "/acme2/", "d3": "/acme/sales/"} {
		if err := store.Insert(t.Context(), s, &resource.Domain{ID: id, Path: path}); err != nil {
			t.Fatal(err)
		}
	}
	number := int64(0)
	for name, caller := range callers {
		number++
		row := &resource.Account{ID: caller.AccountID, Name: name, Number: number, DomainID: caller.DomainID}
		if err := store.Insert(t.Context(), s, row); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestScope(t *testing.T) {
	s := tree(t)
	own := func(id resource.AccountID) store.Filter { return store.Filter{"account_id": store.Exactly(id)} }
	for name, test := range map[string]struct {
		caller access.Caller
		want   access.Scope
		filter store.Filter
		kind   fault.Kind
	}{
		"root sees its own":               {root, access.Scope{}, own("root"), 0},
		"root sees all":                   {root, access.Scope{ListAll: true}, store.Filter{}, 0},
		"a user sees its own":             {alice, access.Scope{ListAll: true, IsRecursive: true}, own("alice"), 0},
		"a domain admin sees its tree":    {dora, access.Scope{ListAll: true}, store.Filter{"domain_id": []resource.DomainID{"d1", "d3"}}, 0},
		"one domain":                      {dora, access.Scope{DomainID: "d1"}, store.Filter{"domain_id": store.Exactly(resource.DomainID("d1"))}, 0},
		"a domain and those below":        {root, access.Scope{DomainID: "d1", IsRecursive: true}, store.Filter{"domain_id": []resource.DomainID{"d1", "d3"}}, 0},
		"a user in its domain":            {alice, access.Scope{DomainID: "d1"}, store.Filter{"account_id": store.Exactly(resource.AccountID("alice")), "domain_id": store.Exactly(resource.DomainID("d1"))}, 0},
		"an account of the own domain":    {dora, access.Scope{Account: "alice"}, own("alice"), 0},
		"an account of another domain":    {root, access.Scope{Account: "bob", DomainID: "d2"}, own("bob"), 0},
		"an account that is a stranger's": {alice, access.Scope{Account: "bob", DomainID: "d2"}, nil, fault.Invalid},
		"an account that is not there":    {root, access.Scope{Account: "nobody"}, nil, fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.want.Filter(context.Background(), s, test.caller)
			if fault.Of(err) != test.kind || !reflect.DeepEqual(got, test.filter) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
