package pki_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/pki"
)

func newCA(t *testing.T) *pki.CA {
	t.Helper()
	ca, err := pki.NewCA("Cairn test")
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func newRequest(t *testing.T) []byte {
	t.Helper()
	key, err := pki.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	request, err := pki.Request(key, "any name")
	if err != nil {
		t.Fatal(err)
	}
	return request
}

func TestCALivesTenYears(t *testing.T) {
	t.Parallel()
	got := newCA(t).Certificate()
	if !got.IsCA || time.Until(got.NotAfter) < 3649*24*time.Hour {
		t.Errorf("authority: CA %t, until %s", got.IsCA, got.NotAfter)
	}
	if !time.Now().After(got.NotBefore) {
		t.Errorf("authority only holds from %s", got.NotBefore)
	}
}

func TestLoadCARefusesWhatDoesNotBelongTogether(t *testing.T) {
	t.Parallel()
	ca, other := newCA(t), newCA(t)
	if _, err := pki.LoadCA(ca.Certificate(), ca.Key()); err != nil {
		t.Errorf("its own key: %v", err)
	}
	if _, err := pki.LoadCA(ca.Certificate(), other.Key()); !fault.Is(err, fault.Invalid) {
		t.Errorf("another's key: %v", err)
	}
	host, err := ca.Sign(newRequest(t), "host-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pki.LoadCA(host, ca.Key()); !fault.Is(err, fault.Invalid) {
		t.Errorf("a host's certificate as authority: %v", err)
	}
}

func TestSignNamesTheHost(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	host, err := ca.Sign(newRequest(t), "host-1")
	if err != nil {
		t.Fatal(err)
	}
	if host.Subject.CommonName != "host-1" || len(host.DNSNames) != 0 || host.IsCA {
		t.Errorf("subject %s, names %v, CA %t", host.Subject, host.DNSNames, host.IsCA)
	}
	if left := time.Until(host.NotAfter); left < 364*24*time.Hour || left > 365*24*time.Hour {
		t.Errorf("lives %s", left)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.Certificate())
	for usage, want := range map[x509.ExtKeyUsage]bool{x509.ExtKeyUsageClientAuth: true, x509.ExtKeyUsageServerAuth: false} {
		_, err := host.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{usage}})
		if (err == nil) != want {
			t.Errorf("usage %d: %v", usage, err)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	forged := newRequest(t)
	forged[len(forged)-1] ^= 1 // the last byte of the signature
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	withRSA, err := pki.Request(weak, "host")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		request []byte
		host    string
	}{
		"no host":       {newRequest(t), ""},
		"bad signature": {forged, "host-1"},
		"garbage":       {[]byte("garbage"), "host-1"},
		"RSA key":       {withRSA, "host-1"},
	} {
		if _, err := ca.Sign(test.request, test.host); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ca.Issue(); !fault.Is(err, fault.Invalid) {
		t.Errorf("a server without a name: %v", err)
	}
}
