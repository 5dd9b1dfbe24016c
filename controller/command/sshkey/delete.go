package sshkey

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type deleteParams struct {
	Name string `param:"name,required" doc:"the name of the key"`
	command.OnBehalf
}

// remove leaves the VMs alone that have the key.
func remove(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "deleteSSHKeyPair", Summary: "Deletes an SSH key.", Since: "1.0", Roles: command.Everyone, Event: "DELETE.SSH.KEYPAIR",
	}, func(ctx context.Context, p deleteParams) (command.Success, error) {
		owner, err := p.Owner(ctx, d.Store)
		if err != nil {
			return command.Success{}, err
		}
		removed, err := store.Delete[resource.SSHKey](ctx, d.Store, store.Filter{"account_id": store.Exactly(owner.AccountID), "name": p.Name})
		if err != nil {
			return command.Success{}, err
		}
		if removed == 0 {
			return command.Success{}, p.absent(access.From(ctx))
		}
		return command.Done(), nil
	})
}

// absent is the sentence in which Terraform reads that the key is gone.
func (p deleteParams) absent(caller access.Caller) error {
	account := p.Account
	if account == "" {
		account = caller.AccountName
	}
	return fault.New(fault.Invalid, "A key pair with name '%s' does not exist for account %s in specified domain id", p.Name, account)
}
