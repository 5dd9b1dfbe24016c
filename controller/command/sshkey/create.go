package sshkey

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"golang.org/x/crypto/ssh"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/view"
)

type createParams struct {
	Name string `param:"name,required" doc:"the name of the pair, without a comma"`
	command.OnBehalf
}

func (p createParams) Check() error { return checkName(p.Name) }

// keyBits: clients and old guests read RSA in PEM, and nothing else surely.
const keyBits = 2048

func create(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "createSSHKeyPair", Summary: "Makes an SSH key pair and tells its private key, this once.", Since: "1.0",
		Roles: command.Everyone, Event: "CREATE.SSH.KEYPAIR",
	}, func(ctx context.Context, p createParams) (view.NewKeyPair, error) {
		owner, err := p.Owner(ctx, d.Store)
		if err != nil {
			return view.NewKeyPair{}, err
		}
		private, err := rsa.GenerateKey(rand.Reader, keyBits)
		if err != nil {
			return view.NewKeyPair{}, fmt.Errorf("make an RSA key: %w", err)
		}
		public, err := ssh.NewPublicKey(&private.PublicKey)
		if err != nil {
			return view.NewKeyPair{}, fmt.Errorf("encode an RSA key: %w", err)
		}
		row, err := d.insert(ctx, owner, p.Name, publicKey{PublicKey: public})
		if err != nil {
			return view.NewKeyPair{}, err
		}
		shown, err := view.KeyPairOf(ctx, d.Store, row)
		text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)})
		return view.NewKeyPair{KeyPair: shown, PrivateKey: string(text)}, err
	})
}
