package sshkey

import (
	"context"

	"golang.org/x/crypto/ssh"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type registerParams struct {
	Name      string `param:"name,required" doc:"the name of the key, without a comma"`
	PublicKey string `param:"publickey,required" max:"5120" doc:"the public key: one line of an authorized_keys file, without options"`
	command.OnBehalf
}

func (p registerParams) Check() error {
	if err := checkName(p.Name); err != nil {
		return err
	}
	_, err := readKey(p.PublicKey)
	return err
}

func register(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "registerSSHKeyPair", Summary: "Registers a public SSH key.", Since: "1.0",
		Roles: command.Everyone, Event: "REGISTER.SSH.KEYPAIR",
	}, func(ctx context.Context, p registerParams) (view.KeyPair, error) {
		owner, err := p.Owner(ctx, d.Store)
		if err != nil {
			return view.KeyPair{}, err
		}
		key, err := readKey(p.PublicKey)
		if err != nil {
			return view.KeyPair{}, err
		}
		var row *resource.SSHKey
		err = d.Store.InTx(ctx, func(ctx context.Context) error {
			if err := d.checkNew(ctx, owner, key); err != nil {
				return err
			}
			row, err = d.insert(ctx, owner, p.Name, key)
			return err
		})
		if err != nil {
			return view.KeyPair{}, err
		}
		return view.KeyPairOf(ctx, d.Store, row)
	})
}

// checkNew refuses a key that the owner has under any name.
func (d Deps) checkNew(ctx context.Context, owner resource.Owner, key publicKey) error {
	known, err := store.Count[resource.SSHKey](ctx, d.Store, store.Filter{
		"account_id": owner.AccountID, "fingerprint": ssh.FingerprintLegacyMD5(key),
	})
	if err != nil {
		return err
	}
	if known > 0 {
		return fault.New(fault.Invalid, "A key pair with key '%s' already exists for this account.", key.text())
	}
	return nil
}
