package view

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// SSHKey is an SSH key as lists show it.
type SSHKey struct {
	ID          resource.SSHKeyID `json:"id" doc:"the id of the key"`
	Name        string            `json:"name" doc:"its name"`
	Fingerprint string            `json:"fingerprint" doc:"the MD5 of the public key, in hex with colons"`
	Owner
}

// ObjectName is CloudStack's for lists; other replies have another.
func (SSHKey) ObjectName() string { return "sshkeypair" }

// KeyPair is an SSH key as the reply to its making shows it.
type KeyPair struct {
	ID          resource.SSHKeyID `json:"id" doc:"the id of the key"`
	Name        string            `json:"name" doc:"its name"`
	Fingerprint string            `json:"fingerprint" doc:"the MD5 of the public key, in hex with colons"`
	Owner
}

// ObjectName is CloudStack's.
func (KeyPair) ObjectName() string { return "keypair" }

// NewKeyPair is a pair that was made here.
type NewKeyPair struct {
	KeyPair
	PrivateKey string `json:"privatekey" doc:"the private key in PEM; told this once and kept nowhere"`
}

// SSHKeys shows keys.
func SSHKeys(ctx context.Context, s *store.Store, rows []resource.SSHKey) ([]SSHKey, error) {
	of, err := ownersOf(ctx, s, rows, func(key *resource.SSHKey) resource.Owner { return key.Owner })
	if err != nil {
		return nil, err
	}
	views := make([]SSHKey, len(rows))
	for i, key := range rows {
		views[i] = SSHKey{ID: key.ID, Name: key.Name, Fingerprint: key.Fingerprint, Owner: of.show(key.Owner)}
	}
	return views, nil
}

// KeyPairOf shows a key that was just kept.
func KeyPairOf(ctx context.Context, s *store.Store, row *resource.SSHKey) (KeyPair, error) {
	key, err := one(ctx, s, row, SSHKeys)
	return KeyPair(key), err
}
