package pki_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/pki"
)

func TestFilesComeBack(t *testing.T) {
	t.Parallel()
	dir, ca := t.TempDir(), newCA(t)
	keyPath, caPath := filepath.Join(dir, "ca.key"), filepath.Join(dir, "ca.crt")
	for range 2 { // the second time replaces the first
		if err := pki.WriteKey(keyPath, ca.Key()); err != nil {
			t.Fatal(err)
		}
		if err := pki.WriteCertificates(caPath, ca.Certificate()); err != nil {
			t.Fatal(err)
		}
	}
	key, err := pki.ReadKey(keyPath)
	if err != nil {
		t.Fatal(err)
	}
	chain, err := pki.ReadCertificates(caPath)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pki.LoadCA(chain[0], key); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(keyPath); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("the directory holds %d files: %v", len(left), err)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, err := pki.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(dir, "open.key")
	if err := pki.WriteKey(open, key); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := pki.ReadKey(open); !fault.Is(err, fault.Denied) {
		t.Errorf("a key that all can read: %v", err)
	}
	if _, err := pki.ReadKey(filepath.Join(dir, "none")); !fault.Is(err, fault.NotFound) {
		t.Errorf("no key: %v", err)
	}
	if _, err := pki.ReadCertificates(filepath.Join(dir, "none")); !fault.Is(err, fault.NotFound) {
		t.Errorf("no certificate: %v", err)
	}
	if _, err := pki.ReadCertificates(open); !fault.Is(err, fault.Invalid) {
		t.Errorf("a key for a certificate: %v", err)
	}
	if err := pki.WriteKey(filepath.Join(dir, "no", "such", "dir.key"), key); err == nil {
		t.Error("a key was written into a directory that is not there")
	}
}
