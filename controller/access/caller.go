// Package access decides who may do what to which resource. A caller has one
// role and one account; a resource has an owner, or belongs to the site.
//
// In:  a verified caller, from package api; owners, from package store.
// Out: yes, or a fault, to package command; the part of a list that the
// caller may see, to the list commands.
package access

import (
	"context"
	"strings"

	"github.com/cairn-kvm/cairn/controller/resource"
)

// Caller is who asks: a verified user, with its account and place in the tree.
type Caller struct {
	UserID      resource.UserID
	UserName    string
	AccountID   resource.AccountID
	AccountName string
	DomainID    resource.DomainID
	DomainPath  string
	Role        resource.RoleType
}

// Root reports whether the caller may do everything.
func (c Caller) Root() bool { return c.Role == resource.RootAdmin }

// Owner gives the owner of what the caller makes for itself.
func (c Caller) Owner() resource.Owner {
	return resource.Owner{AccountID: c.AccountID, DomainID: c.DomainID}
}

// governs reports whether the domain lies in the caller's part of the tree.
func (c Caller) governs(domainPath string) bool {
	switch c.Role {
	case resource.RootAdmin:
		return true
	case resource.DomainAdmin, resource.ResourceAdmin:
		return strings.HasPrefix(domainPath, c.DomainPath)
	}
	return false
}

type callerKey struct{}

// With puts the caller into the context.
func With(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// From gives the context's caller; the zero caller may do nothing.
func From(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	return caller
}
