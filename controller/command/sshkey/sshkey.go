// Package sshkey holds the commands on SSH keys.
//
// In:  checked arguments, from package command.
// Out: public keys, to package store; their view, and a private key once, to
// the caller.
package sshkey

import (
	"context"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// Deps is what the commands work on.
type Deps struct{ Store *store.Store }

// Commands lists them.
func Commands(d Deps) []command.Command {
	return []command.Command{create(d), register(d), list(d), remove(d)}
}

// checkName refuses what a list of names could not hold.
func checkName(name string) error {
	if strings.Contains(name, ",") {
		return fault.New(fault.Invalid, "The name %s of a key pair has a comma, which separates the names of keypairs", name)
	}
	return nil
}

// insert keeps a public key for its owner, under a name that is free there.
func (d Deps) insert(ctx context.Context, owner resource.Owner, name string, key publicKey) (*resource.SSHKey, error) {
	row := &resource.SSHKey{
		ID: store.NewID[resource.SSHKeyID](), Owner: owner, Name: name, PublicKey: key.text(),
		Fingerprint: ssh.FingerprintLegacyMD5(key), Created: time.Now().UTC(),
	}
	err := store.Insert(ctx, d.Store, row)
	if fault.Is(err, fault.Conflict) {
		return nil, fault.New(fault.Invalid, "A key pair with name '%s' already exists.", name)
	}
	return row, err
}
