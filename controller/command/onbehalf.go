package command

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// OnBehalf are the parameters of a command on what an account owns, where an
// admin may name another account than its own. Embed it.
type OnBehalf struct {
	Account   string            `param:"account" doc:"the account that owns it, the caller's where absent; with domainid"`
	DomainID  resource.DomainID `param:"domainid" ref:"domain:use" doc:"the domain of the account"`
	ProjectID string            `param:"projectid" type:"uuid" doc:"-1 or absent: there are no projects"`
}

// Owner gives the owner that the caller means. The reference to the domain has
// shown that an admin governs it.
func (o OnBehalf) Owner(ctx context.Context, s *store.Store) (resource.Owner, error) {
	caller := access.From(ctx)
	switch {
	case o.ProjectID != "" && o.ProjectID != "-1":
		return resource.Owner{}, fault.New(fault.Invalid, "Unable to find project by id %s: there are no projects", o.ProjectID)
	case (o.Account == "") != (o.DomainID == ""):
		return resource.Owner{}, fault.New(fault.Invalid, "AccountName and domainId must be specified together")
	case o.Account == "", o.Account == caller.AccountName && o.DomainID == caller.DomainID:
		return caller.Owner(), nil
	case caller.Role == resource.PlainUser:
		return resource.Owner{}, fault.New(fault.Denied, "Can't create/list resources for account %s in domain %s, permission denied", o.Account, o.DomainID)
	}
	account, err := store.First[resource.Account](ctx, s, store.Filter{"name": o.Account, "domain_id": o.DomainID})
	if fault.Is(err, fault.NotFound) {
		return resource.Owner{}, fault.New(fault.Invalid, "Unable to find account %s in domain %s", o.Account, o.DomainID)
	}
	if err != nil {
		return resource.Owner{}, err
	}
	return resource.Owner{AccountID: account.ID, DomainID: account.DomainID}, nil
}
