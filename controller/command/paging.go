package command

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// MaxPageSize is both the default and the largest window of a list.
const MaxPageSize = 500

// Paging are the parameters of every list. Embed it.
type Paging struct {
	Page     *int   `param:"page" doc:"which page, from 1 on"`
	PageSize *int   `param:"pagesize" doc:"rows on a page, at most 500"`
	Keyword  string `param:"keyword" doc:"a part of the name, in any case"`
}

// Window gives the rows that the caller asked for.
func (p Paging) Window() (store.Page, error) {
	switch {
	case p.Page == nil && p.PageSize == nil:
		return store.Page{Limit: MaxPageSize}, nil
	case p.Page == nil && *p.PageSize != -1:
		return store.Page{}, fault.New(fault.Invalid, `"page" parameter is required when "pagesize" is specified`)
	case p.PageSize == nil:
		return store.Page{}, fault.New(fault.Invalid, `"pagesize" parameter is required when "page" is specified`)
	case *p.PageSize > MaxPageSize:
		return store.Page{}, fault.New(fault.Invalid, "Page size can't exceed max allowed page size value: %d", MaxPageSize)
	case *p.PageSize < 1:
		return store.Page{}, fault.New(fault.Invalid, "Page size %d is not between 1 and %d", *p.PageSize, MaxPageSize)
	case *p.Page > 1<<31/MaxPageSize || *p.Page < 0:
		return store.Page{}, fault.New(fault.Invalid, "Page %d is out of range", *p.Page)
	}
	return store.Page{Limit: *p.PageSize, Offset: (max(*p.Page, 1) - 1) * *p.PageSize}, nil
}

// Owned are the parameters of a list of owned resources. Embed it.
type Owned struct {
	Account     string            `param:"account" doc:"only what this account owns"`
	DomainID    resource.DomainID `param:"domainid" ref:"domain:use" doc:"only what is owned in this domain"`
	ListAll     bool              `param:"listall" doc:"all that the caller may see, not only its own"`
	IsRecursive bool              `param:"isrecursive" doc:"with domainid: the domains below it too"`
	ProjectID   string            `param:"projectid" type:"uuid" doc:"-1 or absent: there are no projects"`
}

// Scope gives the owners that the list is limited to.
func (o Owned) Scope(ctx context.Context, s *store.Store) (store.Filter, error) {
	want := access.Scope{Account: o.Account, DomainID: o.DomainID, ListAll: o.ListAll, IsRecursive: o.IsRecursive}
	return want.Filter(ctx, s, access.From(ctx))
}
