// Package auth finds out who a caller is: the user behind an API key, with its
// account and its place in the tree of domains. Nothing is cached, so that a
// key or an account that is taken away is refused from the next request on.
//
// In:  API keys, from package api; the submitters of jobs, from package job.
// Out: callers and their secret keys, from the users of package store.
package auth

import (
	"context"
	"fmt"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/secret"
)

// Authenticator is safe for concurrent use.
type Authenticator struct{ store *store.Store }

// New makes one that knows the users of the store.
func New(s *store.Store) *Authenticator { return &Authenticator{s} }

// Caller finds the user of an API key, and the secret key that its requests
// are signed with, which is never empty. A key that is unknown, or whose user
// or account may not act, is a fault of kind Unauthenticated; its message says
// which of these, and is for the operator, not for the one who asked.
func (a *Authenticator) Caller(ctx context.Context, apiKey string) (access.Caller, secret.Text, error) {
	caller, key, err := a.find(ctx, apiKey)
	if fault.Is(err, fault.NotFound) {
		err = fault.Wrap(fault.Unauthenticated, err, "nobody has this API key")
	}
	return caller, key, err
}

// CallerOf finds the caller that a user is, for work that was accepted from
// it. The work goes on, or is undone, even when the user or its account has
// been disabled since. A user that is gone is NotFound.
func (a *Authenticator) CallerOf(ctx context.Context, id resource.UserID) (access.Caller, error) {
	user, err := store.Get[resource.User](ctx, a.store, id)
	if err != nil {
		return access.Caller{}, err
	}
	account, domain, err := a.home(ctx, user)
	if err != nil {
		return access.Caller{}, err
	}
	return callerOf(user, account, domain), nil
}

func (a *Authenticator) find(ctx context.Context, apiKey string) (access.Caller, secret.Text, error) {
	none := func(err error) (access.Caller, secret.Text, error) { return access.Caller{}, secret.Text{}, err }
	if apiKey == "" { // as users without keys have it
		return none(fault.New(fault.Unauthenticated, "there is no API key"))
	}
	user, err := store.First[resource.User](ctx, a.store, store.Filter{"api_key": store.Exactly(apiKey)})
	if err != nil {
		return none(err)
	}
	account, domain, err := a.home(ctx, user)
	if err != nil {
		return none(err)
	}
	if err := mayAct(user, account); err != nil {
		return none(err)
	}
	key, err := a.store.Unseal(user.SecretKey)
	if err != nil {
		return none(fmt.Errorf("secret key of user %s: %w", user.ID, err))
	}
	return callerOf(user, account, domain), key, nil
}

func (a *Authenticator) home(ctx context.Context, user *resource.User) (*resource.Account, *resource.Domain, error) {
	account, err := store.Get[resource.Account](ctx, a.store, user.AccountID)
	if err != nil {
		return nil, nil, fmt.Errorf("account of user %s: %w", user.ID, err)
	}
	domain, err := store.Get[resource.Domain](ctx, a.store, account.DomainID)
	if err != nil {
		return nil, nil, fmt.Errorf("domain of account %s: %w", account.ID, err)
	}
	return account, domain, nil
}

func mayAct(user *resource.User, account *resource.Account) error {
	switch {
	case user.State != resource.AccountEnabled:
		return fault.New(fault.Unauthenticated, "user %s is %s", user.ID, user.State)
	case account.State != resource.AccountEnabled:
		return fault.New(fault.Unauthenticated, "account %s is %s", account.ID, account.State)
	case len(user.SecretKey) == 0:
		return fault.New(fault.Unauthenticated, "user %s has no secret key", user.ID)
	}
	return nil
}

func callerOf(user *resource.User, account *resource.Account, domain *resource.Domain) access.Caller {
	return access.Caller{
		UserID: user.ID, UserName: user.Name,
		AccountID: account.ID, AccountName: account.Name, Role: account.Role,
		DomainID: domain.ID, DomainPath: domain.Path,
	}
}
