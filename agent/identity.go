package agent

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/pki"
)

// Identity is who the host is in its cloud: what joining gives. It is one
// file in the state directory, so that it is there whole or not at all.
type Identity struct {
	Host        string            // id, given by the controller
	Name        string            // for people
	Controller  string            // host:port that was joined
	Certificate *x509.Certificate // the host's
	CA          *x509.Certificate
	key         crypto.Signer
}

// identityFile is the form on disk. PEM has line breaks, which JSON keeps.
type identityFile struct {
	Host        string `json:"host"`
	Name        string `json:"name"`
	Controller  string `json:"controller"`
	Certificate string `json:"certificate"`
	CA          string `json:"ca"`
	Key         string `json:"key"`
}

func identityPath(stateDir string) string { return filepath.Join(stateDir, "identity.json") }

// ReadIdentity reads the host's identity. A host without one has not joined:
// NotFound.
func ReadIdentity(stateDir string) (Identity, error) {
	path := identityPath(stateDir)
	text, err := readPrivate(path)
	if err != nil {
		return Identity{}, err
	}
	var file identityFile
	if err := json.Unmarshal(text, &file); err != nil {
		return Identity{}, fault.Wrap(fault.Invalid, err, "the host's identity %s is damaged: join again with --force", path)
	}
	id, err := file.identity()
	if err != nil {
		return Identity{}, fault.Wrap(fault.Invalid, err, "the host's identity %s is damaged: join again with --force", path)
	}
	return id, nil
}

// readPrivate refuses a file that every user of the machine can read: it holds
// the host's key.
func readPrivate(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "this host has not joined a controller: run cairn-agent join")
	}
	if err == nil && info.Mode().Perm()&0o007 != 0 {
		return nil, fault.New(fault.Denied, "the host's identity %s has mode %04o: take the access of others away (chmod 600)", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the host's identity %s cannot be read", path)
	}
	return text, nil
}

func (f identityFile) identity() (Identity, error) {
	key, err := pki.DecodeKey([]byte(f.Key))
	if err != nil {
		return Identity{}, err
	}
	certificates, err := pki.DecodeCertificates([]byte(f.Certificate))
	if err != nil {
		return Identity{}, err
	}
	authorities, err := pki.DecodeCertificates([]byte(f.CA))
	if err != nil {
		return Identity{}, err
	}
	return Identity{Host: f.Host, Name: f.Name, Controller: f.Controller, Certificate: certificates[0], CA: authorities[0], key: key}, nil
}

func (id Identity) write(stateDir string) error {
	key, err := pki.EncodeKey(id.key)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(identityFile{
		Host:        id.Host,
		Name:        id.Name,
		Controller:  id.Controller,
		Certificate: string(pki.EncodeCertificates(id.Certificate)),
		CA:          string(pki.EncodeCertificates(id.CA)),
		Key:         string(key),
	}, "", "  ")
	if err != nil {
		return err
	}
	return storage.WriteFile(identityPath(stateDir), append(text, '\n'), 0o600)
}

// check finds out whether controller and host agree on who the host is.
func (id Identity) check() error {
	roots := x509.NewCertPool()
	roots.AddCert(id.CA)
	_, err := id.Certificate.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return fault.Wrap(fault.Denied, err, "the host's certificate is not signed by the controller's authority")
	}
	public, ok := id.Certificate.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(id.key.Public()) {
		return fault.New(fault.Denied, "the host's certificate is not for its key")
	}
	if id.Certificate.Subject.CommonName != id.Host {
		return fault.New(fault.Denied, "the host's certificate names %q, not %q", id.Certificate.Subject.CommonName, id.Host)
	}
	return nil
}

// client is how the host calls the controller at this address.
func (id Identity) client(controller string) (*tls.Config, error) {
	if left := time.Until(id.Certificate.NotAfter); left <= 0 {
		return nil, fault.New(fault.Unauthenticated, "the host's certificate ran out on %s: join again with --force",
			id.Certificate.NotAfter.Format(time.DateOnly))
	}
	name, _, err := net.SplitHostPort(controller)
	if err != nil {
		return nil, fault.New(fault.Invalid, "controller: %q is not of the form host:port", controller)
	}
	return pki.ClientTLS(pki.KeyPair(id.key, id.Certificate), id.CA, name), nil
}
