package pki

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// ServerTLS is the controller's side of the stream: TLS 1.3, and a client
// certificate is verified where one is shown. Which calls need one is for the
// caller to say, by [PeerHost].
func ServerTLS(certificate tls.Certificate, ca *x509.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{certificate},
		ClientAuth:   tls.VerifyClientCertIfGiven,
		ClientCAs:    pool(ca),
	}
}

// ClientTLS is a joined agent's side of the stream: TLS 1.3, a server that
// the cloud's authority vouches for under this name (a DNS name or an
// address), and the host's certificate.
func ClientTLS(certificate tls.Certificate, ca *x509.Certificate, serverName string) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{certificate},
		RootCAs:      pool(ca),
		ServerName:   serverName,
	}
}

// JoinTLS is the side of an agent that has only a token: it accepts exactly a
// server whose chain ends in the authority with this digest (SHA-256, hex),
// under this name. The authority's certificate must be part of the chain.
func JoinTLS(caDigest, serverName string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		ServerName: serverName,
		// The roots of the system are of no use here; VerifyConnection does the
		// whole verification, against the authority that the token names.
		InsecureSkipVerify: true, //nolint:gosec // verified by VerifyConnection below
		VerifyConnection: func(state tls.ConnectionState) error {
			return verifyPinned(state.PeerCertificates, caDigest, serverName)
		},
	}
}

func verifyPinned(chain []*x509.Certificate, caDigest, serverName string) error {
	ca := pinned(chain, caDigest)
	if ca == nil {
		return fault.New(fault.Denied, "the controller does not show the authority that the token names: wrong controller address, or a token of another cloud")
	}
	if !ca.IsCA {
		return fault.New(fault.Denied, "the certificate that the token names is not that of an authority")
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots:         pool(ca),
		Intermediates: pool(chain[1:]...),
		DNSName:       serverName,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		return fault.Wrap(fault.Denied, err, "the controller's certificate does not hold for %s", serverName)
	}
	return nil
}

func pinned(chain []*x509.Certificate, caDigest string) *x509.Certificate {
	want, err := hex.DecodeString(caDigest)
	if err != nil {
		return nil
	}
	for _, certificate := range chain {
		sum := sha256.Sum256(certificate.Raw)
		if subtle.ConstantTimeCompare(sum[:], want) == 1 {
			return certificate
		}
	}
	return nil
}

// PeerHost is the id of the host that calls: the common name of its verified
// client certificate. A caller without one is Unauthenticated.
func PeerHost(ctx context.Context) (string, error) {
	caller, ok := peer.FromContext(ctx)
	if !ok {
		return "", fault.New(fault.Unauthenticated, "the call comes from no known peer")
	}
	info, ok := caller.AuthInfo.(credentials.TLSInfo)
	if !ok {
		return "", fault.New(fault.Unauthenticated, "the call does not come over TLS")
	}
	return HostOf(info.State)
}

// HostOf is [PeerHost] for a TLS connection. Only what the handshake has
// verified counts, never what the peer merely showed.
func HostOf(state tls.ConnectionState) (string, error) {
	if len(state.VerifiedChains) == 0 || state.VerifiedChains[0][0].Subject.CommonName == "" {
		return "", fault.New(fault.Unauthenticated, "a host certificate is needed: join the host first")
	}
	return state.VerifiedChains[0][0].Subject.CommonName, nil
}

// PeerDigest is the digest of the caller's verified certificate, as [Digest]
// gives it.
func PeerDigest(ctx context.Context) (string, error) {
	if _, err := PeerHost(ctx); err != nil {
		return "", err
	}
	caller, _ := peer.FromContext(ctx)
	return Digest(caller.AuthInfo.(credentials.TLSInfo).State.VerifiedChains[0][0]), nil
}

func pool(certificates ...*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, certificate := range certificates {
		p.AddCert(certificate)
	}
	return p
}
