package access

import (
	"context"
	"strings"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// Scope is how much of what it may see a caller wants to list.
type Scope struct {
	Account     string
	DomainID    resource.DomainID
	ListAll     bool
	IsRecursive bool
}

// Filter gives the owners that the list is limited to. Without any wish a
// caller sees what its own account owns.
func (want Scope) Filter(ctx context.Context, s *store.Store, caller Caller) (store.Filter, error) {
	switch {
	case want.Account != "":
		return want.oneAccount(ctx, s, caller)
	case want.DomainID != "":
		return want.oneDomain(ctx, s, caller)
	case want.ListAll && caller.Root():
		return store.Filter{}, nil
	case want.ListAll && caller.Role != resource.PlainUser:
		return subtree(ctx, s, caller.DomainPath)
	}
	return store.Filter{"account_id": store.Exactly(caller.AccountID)}, nil
}

func (want Scope) oneAccount(ctx context.Context, s *store.Store, caller Caller) (store.Filter, error) {
	domainID := want.DomainID
	if domainID == "" {
		domainID = caller.DomainID
	}
	account, err := store.First[resource.Account](ctx, s, store.Filter{"name": want.Account, "domain_id": domainID})
	if err == nil {
		var subject Subject
		if subject, err = (Finder{s}).Find(ctx, "account", string(account.ID)); err == nil {
			err = May(caller, Operate, subject)
		}
	}
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.Invalid, "could not find account %s in domain %s", want.Account, domainID)
	}
	if err != nil {
		return nil, err
	}
	return store.Filter{"account_id": store.Exactly(account.ID)}, nil
}

func (want Scope) oneDomain(ctx context.Context, s *store.Store, caller Caller) (store.Filter, error) {
	home, err := store.Get[resource.Domain](ctx, s, want.DomainID)
	if err != nil {
		return nil, err
	}
	switch {
	case !caller.governs(home.Path):
		return store.Filter{"account_id": store.Exactly(caller.AccountID), "domain_id": store.Exactly(want.DomainID)}, nil
	case want.IsRecursive:
		return subtree(ctx, s, home.Path)
	}
	return store.Filter{"domain_id": store.Exactly(want.DomainID)}, nil
}

func subtree(ctx context.Context, s *store.Store, path string) (store.Filter, error) {
	all, err := store.All[resource.Domain](ctx, s, nil)
	if err != nil {
		return nil, err
	}
	ids := []resource.DomainID{}
	for _, d := range all {
		if strings.HasPrefix(d.Path, path) {
			ids = append(ids, d.ID)
		}
	}
	return store.Filter{"domain_id": ids}, nil
}
