// Package pki is the trust between the controller and its agents: one
// certificate authority per cloud, which signs the controller's server
// certificates and one client certificate per host, and the join token that
// carries the authority's digest to a host that knows nothing yet.
//
// In:  names, signing requests and tokens, from the controller and from an agent that joins.
// Out: certificates, and TLS 1.3 configurations for both ends of the stream.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"math/big"
	"net"
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// Lifetimes of what is signed. Every certificate starts a little in the past,
// for hosts whose clock is behind.
const (
	caLife     = 10 * 365 * 24 * time.Hour
	leafLife   = 365 * 24 * time.Hour
	clockSlack = 5 * time.Minute
)

// serialLimit bounds serial numbers to 128 random bits.
var serialLimit = new(big.Int).Lsh(big.NewInt(1), 128)

// CA is a certificate authority. It is safe for concurrent use.
type CA struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// NewCA makes an authority with a fresh P-256 key, valid for ten years.
func NewCA(name string) (*CA, error) {
	key, err := NewKey()
	if err != nil {
		return nil, err
	}
	template, err := leafTemplate(name, caLife)
	if err != nil {
		return nil, err
	}
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.MaxPathLenZero = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	certificate, err := sign(template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &CA{certificate, key}, nil
}

// LoadCA joins a stored authority's certificate and key again.
func LoadCA(certificate *x509.Certificate, key crypto.Signer) (*CA, error) {
	if !certificate.IsCA {
		return nil, fault.New(fault.Invalid, "the certificate of %q is not that of an authority", certificate.Subject.CommonName)
	}
	if !samePublic(certificate.PublicKey, key.Public()) {
		return nil, fault.New(fault.Invalid, "the key does not belong to the certificate of authority %q", certificate.Subject.CommonName)
	}
	return &CA{certificate, key}, nil
}

// Certificate is the authority's own certificate.
func (ca *CA) Certificate() *x509.Certificate { return ca.certificate }

// Key is the authority's signing key, to be stored with [WriteKey].
func (ca *CA) Key() crypto.Signer { return ca.key }

// Issue makes a server certificate for DNS names and IP addresses, with its
// key, valid for one year. The authority's certificate is part of the chain:
// a joining agent finds the digest of its token there.
func (ca *CA) Issue(names ...string) (tls.Certificate, error) {
	if len(names) == 0 {
		return tls.Certificate{}, fault.New(fault.Invalid, "a server certificate needs at least one name")
	}
	key, err := NewKey()
	if err != nil {
		return tls.Certificate{}, err
	}
	template, err := leafTemplate(names[0], leafLife)
	if err != nil {
		return tls.Certificate{}, err
	}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	leaf, err := sign(template, ca.certificate, key.Public(), ca.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return KeyPair(key, leaf, ca.certificate), nil
}

// Sign answers a host's signing request (PKCS #10, DER) with a client
// certificate for one year whose common name is the host's id. Nothing else
// of the request's content is taken over.
func (ca *CA) Sign(request []byte, host string) (*x509.Certificate, error) {
	if host == "" {
		return nil, fault.New(fault.Invalid, "a host certificate needs a host id")
	}
	csr, err := x509.ParseCertificateRequest(request)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the signing request cannot be read")
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the signing request does not bear the signature of its own key")
	}
	if _, ok := csr.PublicKey.(*ecdsa.PublicKey); !ok {
		return nil, fault.New(fault.Invalid, "the signing request has a %s key; ECDSA is needed", csr.PublicKeyAlgorithm)
	}
	template, err := leafTemplate(host, leafLife)
	if err != nil {
		return nil, err
	}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return sign(template, ca.certificate, csr.PublicKey, ca.key)
}

// NewKey makes a P-256 key.
func NewKey() (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}
	return key, nil
}

// Request makes the signing request of a joining host, PKCS #10, DER.
func Request(key crypto.Signer, name string) ([]byte, error) {
	template := &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}
	request, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		return nil, fmt.Errorf("make signing request: %w", err)
	}
	return request, nil
}

// KeyPair joins a key and its chain, leaf first, for use in TLS.
func KeyPair(key crypto.Signer, chain ...*x509.Certificate) tls.Certificate {
	pair := tls.Certificate{PrivateKey: key, Leaf: chain[0]}
	for _, certificate := range chain {
		pair.Certificate = append(pair.Certificate, certificate.Raw)
	}
	return pair
}

// Digest is the SHA-256 of a certificate in lower-case hex, as tokens carry it.
func Digest(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.Raw)
	return hex.EncodeToString(sum[:])
}

func leafTemplate(name string, life time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, serialLimit)
	if err != nil {
		return nil, fmt.Errorf("choose serial number: %w", err)
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-clockSlack),
		NotAfter:     now.Add(life),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}, nil
}

func sign(template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, fmt.Errorf("sign certificate of %q: %w", template.Subject.CommonName, err)
	}
	return x509.ParseCertificate(der)
}

func samePublic(a, b crypto.PublicKey) bool {
	known, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && known.Equal(b)
}
