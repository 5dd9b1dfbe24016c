package resource

import "time"

type (
	DomainID  string
	AccountID string
	UserID    string
)

// Domain is a node in the tree of tenants. Path is "/" for the root, else
// "/a/b/" with a slash at both ends, so that a prefix is a subtree.
type Domain struct {
	ID       DomainID `bun:"id,pk"`
	Name     string   `bun:"name"`
	ParentID DomainID `bun:"parent_id"`
	Path     string   `bun:"path"`
	Level    int      `bun:"level"`
	Created  Time     `bun:"created"`
}

// RoleType is one of CloudStack's four kinds of role.
type RoleType string

const (
	RootAdmin     RoleType = "Admin"
	ResourceAdmin RoleType = "ResourceAdmin"
	DomainAdmin   RoleType = "DomainAdmin"
	PlainUser     RoleType = "User"
)

// AccountType gives CloudStack's number of the role's kind.
func (r RoleType) AccountType() int {
	switch r {
	case RootAdmin:
		return 1
	case DomainAdmin:
		return 2
	case ResourceAdmin:
		return 3
	}
	return 0
}

// AccountState says whether the users of an account may act.
type AccountState string

const (
	AccountEnabled  AccountState = "enabled"
	AccountDisabled AccountState = "disabled"
	AccountLocked   AccountState = "locked"
)

// Account owns resources. Number is small and never reused: it is part of the
// names of the account's VMs.
type Account struct {
	ID       AccountID    `bun:"id,pk"`
	Number   int64        `bun:"number"`
	Name     string       `bun:"name"`
	DomainID DomainID     `bun:"domain_id"`
	Role     RoleType     `bun:"role"`
	State    AccountState `bun:"state"`
	Created  Time         `bun:"created"`
}

// User signs requests on behalf of an account. SecretKey is sealed.
type User struct {
	ID        UserID       `bun:"id,pk"`
	AccountID AccountID    `bun:"account_id"`
	Name      string       `bun:"name"`
	FirstName string       `bun:"first_name"`
	LastName  string       `bun:"last_name"`
	Email     string       `bun:"email"`
	State     AccountState `bun:"state"`
	APIKey    string       `bun:"api_key,nullzero"`
	SecretKey Sealed       `bun:"secret_key"`
	Created   Time         `bun:"created"`
}

// Owner is who a resource belongs to. Resources embed it.
type Owner struct {
	AccountID AccountID `bun:"account_id"`
	DomainID  DomainID  `bun:"domain_id"`
}

// OwnedBy makes every embedding resource tell its owner.
func (o Owner) OwnedBy() Owner { return o }

// Sealed is a secret as it lies in the database: ciphertext, opened by
// package store with the key that lies beside the database.
type Sealed []byte

// Time is a moment in UTC.
type Time = time.Time
