package pki

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/cairn-kvm/cairn/internal/fault"
)

const (
	keyBlock         = "PRIVATE KEY" // PKCS #8
	certificateBlock = "CERTIFICATE"
)

// EncodeKey gives a key as PEM (PKCS #8). The result is secret.
func EncodeKey(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), nil
}

// DecodeKey reads what [EncodeKey] wrote.
func DecodeKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != keyBlock {
		return nil, fault.New(fault.Invalid, "no PEM block %q found", keyBlock)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the private key cannot be read")
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fault.New(fault.Invalid, "a private key of type %T cannot sign", parsed)
	}
	return key, nil
}

// EncodeCertificates gives certificates as PEM, in their order.
func EncodeCertificates(chain ...*x509.Certificate) []byte {
	var text []byte
	for _, certificate := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: certificate.Raw})...)
	}
	return text
}

// DecodeCertificates reads all certificates of a PEM text, at least one.
func DecodeCertificates(text []byte) ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		if block.Type == certificateBlock {
			certificate, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "certificate %d cannot be read", len(chain)+1)
			}
			chain = append(chain, certificate)
		}
		text = rest
	}
	if len(chain) == 0 {
		return nil, fault.New(fault.Invalid, "no PEM block %q found", certificateBlock)
	}
	return chain, nil
}

// WriteKey stores a key as PEM, readable by its owner alone. The file is
// there whole or not at all.
func WriteKey(path string, key crypto.Signer) error {
	text, err := EncodeKey(key)
	if err != nil {
		return err
	}
	return writeFile(path, text, 0o600)
}

// ReadKey reads a key, and refuses one that every user of the machine can read.
func ReadKey(path string) (crypto.Signer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, missing(err, path)
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return nil, fault.New(fault.Denied, "key file %s has mode %04o: take the access of others away (chmod 600)", path, mode)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, missing(err, path)
	}
	key, err := DecodeKey(text)
	if err != nil {
		return nil, fmt.Errorf("read key file %s: %w", path, err)
	}
	return key, nil
}

// WriteCertificates stores certificates as PEM. The file is there whole or
// not at all.
func WriteCertificates(path string, chain ...*x509.Certificate) error {
	return writeFile(path, EncodeCertificates(chain...), 0o644)
}

// ReadCertificates reads what [WriteCertificates] stored.
func ReadCertificates(path string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, missing(err, path)
	}
	chain, err := DecodeCertificates(text)
	if err != nil {
		return nil, fmt.Errorf("read certificate file %s: %w", path, err)
	}
	return chain, nil
}

func missing(err error, path string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.NotFound, err, "there is no file %s", path)
	}
	return err
}

// writeFile goes over a temporary file in the same directory and syncs both.
func writeFile(path string, content []byte, mode fs.FileMode) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".new-*") // created 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	if err = f.Chmod(mode); err != nil {
		return err
	}
	if _, err = f.Write(content); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return errors.Join(f.Close(), syncDir(dir))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
