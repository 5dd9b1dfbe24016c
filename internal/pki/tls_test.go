package pki_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/pki"
)

// shake performs a handshake over a pipe and gives what each end says of it.
func shake(t *testing.T, server, client *tls.Config) (state tls.ConnectionState, serverErr, clientErr error) {
	t.Helper()
	a, b := net.Pipe()
	s, c := tls.Server(a, server), tls.Client(b, client)
	done := make(chan error, 1)
	go func() {
		err := s.HandshakeContext(t.Context())
		if err == nil {
			_, err = s.Write([]byte("hello")) // the client's rejection comes with the first read
		} else {
			a.Close()
		}
		done <- err
	}()
	if clientErr = c.HandshakeContext(t.Context()); clientErr == nil {
		_, clientErr = c.Read(make([]byte, 5))
	}
	b.Close()
	serverErr = <-done
	a.Close()
	return s.ConnectionState(), serverErr, clientErr
}

func issue(t *testing.T, ca *pki.CA, names ...string) tls.Certificate {
	t.Helper()
	certificate, err := ca.Issue(names...)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func hostPair(t *testing.T, ca *pki.CA, id string) tls.Certificate {
	t.Helper()
	key, err := pki.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	request, err := pki.Request(key, "")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ca.Sign(request, id)
	if err != nil {
		t.Fatal(err)
	}
	return pki.KeyPair(key, certificate)
}

func TestMutualTLS(t *testing.T) {
	t.Parallel()
	ca, stranger := newCA(t), newCA(t)
	server := pki.ServerTLS(issue(t, ca, "controller.example", "192.0.2.1"), ca.Certificate())
	for name, test := range map[string]struct {
		client *tls.Config
		good   bool
	}{
		"by name":               {pki.ClientTLS(hostPair(t, ca, "host-1"), ca.Certificate(), "controller.example"), true},
		"by address":            {pki.ClientTLS(hostPair(t, ca, "host-1"), ca.Certificate(), "192.0.2.1"), true},
		"wrong name":            {pki.ClientTLS(hostPair(t, ca, "host-1"), ca.Certificate(), "other.example"), false},
		"server of a stranger":  {pki.ClientTLS(hostPair(t, ca, "host-1"), stranger.Certificate(), "controller.example"), false},
		"host of a stranger":    {pki.ClientTLS(hostPair(t, stranger, "host-1"), ca.Certificate(), "controller.example"), false},
		"a server cert as host": {pki.ClientTLS(issue(t, ca, "host-1"), ca.Certificate(), "controller.example"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state, serverErr, clientErr := shake(t, server, test.client)
			if good := serverErr == nil && clientErr == nil; good != test.good {
				t.Fatalf("server: %v; client: %v", serverErr, clientErr)
			}
			if !test.good {
				return
			}
			if host, err := pki.HostOf(state); host != "host-1" || err != nil || state.Version != tls.VersionTLS13 {
				t.Errorf("host %q, %v, TLS %x", host, err, state.Version)
			}
		})
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	ca := newCA(t)
	client := pki.ClientTLS(hostPair(t, ca, "host-1"), ca.Certificate(), "controller.example")
	client.MinVersion, client.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	_, serverErr, _ := shake(t, pki.ServerTLS(issue(t, ca, "controller.example"), ca.Certificate()), client)
	if serverErr == nil || !strings.Contains(serverErr.Error(), "version") {
		t.Errorf("TLS 1.2 was answered with %v", serverErr)
	}
}

func TestJoinTrustsTheTokensAuthorityOnly(t *testing.T) {
	t.Parallel()
	ca, stranger := newCA(t), newCA(t)
	own := pki.ServerTLS(issue(t, ca, "controller.example", "192.0.2.1"), ca.Certificate())
	// A thief shows the true authority's certificate behind a leaf of its own.
	forged := issue(t, stranger, "controller.example")
	forged.Certificate[1] = ca.Certificate().Raw
	asServer := hostPair(t, ca, "controller.example")
	asServer.Certificate = append(asServer.Certificate, ca.Certificate().Raw)
	digest := pki.Digest(ca.Certificate())
	for name, test := range map[string]struct {
		server       *tls.Config
		digest, name string
		good         bool
	}{
		"by name":                 {own, digest, "controller.example", true},
		"by address":              {own, digest, "192.0.2.1", true},
		"wrong name":              {own, digest, "other.example", false},
		"another digest":          {own, pki.Digest(stranger.Certificate()), "controller.example", false},
		"no digest":               {own, "", "controller.example", false},
		"leaf of a stranger":      {pki.ServerTLS(forged, ca.Certificate()), digest, "controller.example", false},
		"a host plays controller": {pki.ServerTLS(asServer, ca.Certificate()), digest, "controller.example", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state, serverErr, clientErr := shake(t, test.server, pki.JoinTLS(test.digest, test.name))
			if (clientErr == nil) != test.good {
				t.Fatalf("client: %v; server: %v", clientErr, serverErr)
			}
			if !test.good {
				return
			}
			if _, err := pki.HostOf(state); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("a caller without certificate is a host: %v", err)
			}
		})
	}
}

func TestPeerHostWithoutPeer(t *testing.T) {
	t.Parallel()
	if _, err := pki.PeerHost(t.Context()); !fault.Is(err, fault.Unauthenticated) {
		t.Error(err)
	}
}
