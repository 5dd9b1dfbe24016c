package view

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Owner is how an object tells who it belongs to.
type Owner struct {
	Account  string            `json:"account,omitempty" doc:"the account that owns it"`
	DomainID resource.DomainID `json:"domainid,omitempty" doc:"the id of the domain of its owner"`
	Domain   string            `json:"domain,omitempty" doc:"the domain of its owner"`
}

// owners are the accounts and domains of a window of records.
type owners struct {
	accounts map[resource.AccountID]*resource.Account
	domains  map[resource.DomainID]*resource.Domain
}

// ownersOf looks them up, with one statement for each kind.
func ownersOf[T any](ctx context.Context, s *store.Store, rows []T, of func(*T) resource.Owner) (*owners, error) {
	o, err := &owners{}, error(nil)
	load(ctx, s, &err, &o.accounts, distinct(rows, func(row *T) resource.AccountID { return of(row).AccountID }),
		func(a *resource.Account) resource.AccountID { return a.ID })
	load(ctx, s, &err, &o.domains, distinct(rows, func(row *T) resource.DomainID { return of(row).DomainID }),
		func(d *resource.Domain) resource.DomainID { return d.ID })
	return o, err
}

func (o *owners) show(owner resource.Owner) Owner {
	v := Owner{DomainID: owner.DomainID}
	if account := o.accounts[owner.AccountID]; account != nil {
		v.Account = account.Name
	}
	if domain := o.domains[owner.DomainID]; domain != nil {
		v.Domain = domain.Name
	}
	return v
}

// path is the domain's place in the tree, as CloudStack writes it.
func (o *owners) path(owner resource.Owner) string {
	if domain := o.domains[owner.DomainID]; domain != nil {
		return "ROOT" + domain.Path
	}
	return ""
}
