package command_test

import (
	"testing"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/command/commandtest"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestOnBehalf(t *testing.T) {
	c := commandtest.New(t)
	acme, top := c.Alice.DomainID, c.Root.DomainID
	for name, test := range map[string]struct {
		caller access.Caller
		passed command.OnBehalf
		want   resource.Owner
		kind   fault.Kind
		text   string
	}{
		"nobody named":        {c.Alice, command.OnBehalf{}, c.Alice.Owner(), fault.None, ""},
		"no project":          {c.Alice, command.OnBehalf{ProjectID: "-1"}, c.Alice.Owner(), fault.None, ""},
		"herself":             {c.Alice, command.OnBehalf{Account: "alice", DomainID: acme}, c.Alice.Owner(), fault.None, ""},
		"root for alice":      {c.Root, command.OnBehalf{Account: "alice", DomainID: acme}, c.Alice.Owner(), fault.None, ""},
		"dora for alice":      {c.Dora, command.OnBehalf{Account: "alice", DomainID: acme}, c.Alice.Owner(), fault.None, ""},
		"account without":     {c.Root, command.OnBehalf{Account: "alice"}, resource.Owner{}, fault.Invalid, "AccountName and domainId must be specified together"},
		"domain without":      {c.Root, command.OnBehalf{DomainID: acme}, resource.Owner{}, fault.Invalid, "AccountName and domainId must be specified together"},
		"project":             {c.Root, command.OnBehalf{ProjectID: "p"}, resource.Owner{}, fault.Invalid, "Unable to find project by id p: there are no projects"},
		"nobody of that name": {c.Root, command.OnBehalf{Account: "alice", DomainID: top}, resource.Owner{}, fault.Invalid, "Unable to find account alice in domain " + string(top)},
		"a stranger": {
			c.Bob,
			command.OnBehalf{Account: "alice", DomainID: acme},
			resource.Owner{},
			fault.Denied,
			"Can't create/list resources for account alice in domain " + string(acme) + ", permission denied",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.passed.Owner(access.With(t.Context(), test.caller), c.Store)
			if got != test.want || fault.Of(err) != test.kind || fault.Message(err) != test.text {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
