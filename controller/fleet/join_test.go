package fleet_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/cairn-kvm/cairn/controller/fleet"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/store/storetest"
	"github.com/cairn-kvm/cairn/internal/pki"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// nobody is an outbox and a reader of reports for tests that are about neither.
type nobody struct{}

func (nobody) Pending(context.Context, resource.HostID) ([]*agentv1.Action, error) { return nil, nil }
func (nobody) Settle(context.Context, resource.HostID, *agentv1.Result) error      { return nil }
func (nobody) Report(context.Context, resource.HostID, *agentv1.Report)            {}

type rig struct {
	store  *store.Store
	ca     *pki.CA
	client agentv1.FleetClient
	fleet  *fleet.Fleet
	dial   func(*tls.Config) agentv1.FleetClient
}

func newRig(t *testing.T) *rig {
	t.Helper()
	s := storetest.Open(t)
	ca, err := pki.NewCA("test")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ca.Issue("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := fleet.New(fleet.Config{TLS: pki.ServerTLS(certificate, ca.Certificate()), CA: ca}, s, nobody{}, nobody{}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- f.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	if err := store.Insert(t.Context(), s, &resource.Cluster{ID: "c", Name: "c", PodID: "p", ZoneID: "z"}); err != nil {
		t.Fatal(err)
	}
	r := &rig{store: s, ca: ca, fleet: f}
	r.dial = func(config *tls.Config) agentv1.FleetClient {
		conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(credentials.NewTLS(config)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		})
		return agentv1.NewFleetClient(conn)
	}
	r.client = r.dial(pki.JoinTLS(pki.Digest(ca.Certificate()), "127.0.0.1"))
	return r
}

// token makes a token that is valid for the time, which may be negative.
func (r *rig) token(t *testing.T, valid time.Duration) pki.Token {
	t.Helper()
	token := pki.NewToken(r.ca.Certificate())
	row := &resource.JoinToken{
		ID: resource.JoinTokenID(token.ID), Digest: pki.HashSecret(token.Secret), ClusterID: "c", Expires: time.Now().UTC().Add(valid),
	}
	if err := store.Insert(t.Context(), r.store, row); err != nil {
		t.Fatal(err)
	}
	return token
}

func (r *rig) join(t *testing.T, text, name string) (*agentv1.JoinReply, error) {
	t.Helper()
	key, err := pki.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	csr, err := pki.Request(key, name)
	if err != nil {
		t.Fatal(err)
	}
	return r.client.Join(t.Context(), &agentv1.JoinRequest{Token: text, Csr: csr, Facts: &agentv1.HostFacts{Name: name}})
}

func TestATokenIsGoodOnce(t *testing.T) {
	r := newRig(t)
	text := pki.FormatToken(r.token(t, time.Hour)).Reveal()
	reply, err := r.join(t, text, "h1")
	if err != nil || reply.GetHostId() == "" {
		t.Fatal(err)
	}
	host, err := store.Get[resource.Host](t.Context(), r.store, resource.HostID(reply.GetHostId()))
	if err != nil || host.Name != "h1" || host.ClusterID != "c" || host.ZoneID != "z" || host.State != resource.HostConnecting {
		t.Errorf("host %+v, %v", host, err)
	}
	if _, err := r.join(t, text, "h2"); status.Code(err) != codes.Unauthenticated {
		t.Errorf("the token was good twice: %v", err)
	}
	if n, err := store.Count[resource.Host](t.Context(), r.store, nil); err != nil || n != 1 {
		t.Errorf("%d hosts, %v", n, err)
	}
}

func TestWrongTokensAreRefusedAlike(t *testing.T) {
	r := newRig(t)
	good := r.token(t, time.Hour)
	wrong := good
	wrong.Secret = pki.NewToken(r.ca.Certificate()).Secret
	texts := map[string]string{
		"wrong secret": pki.FormatToken(wrong).Reveal(),
		"expired":      pki.FormatToken(r.token(t, -time.Second)).Reveal(),
		"unknown":      pki.FormatToken(pki.NewToken(r.ca.Certificate())).Reveal(),
	}
	for name, text := range texts {
		_, err := r.join(t, text, "h")
		if status.Code(err) != codes.Unauthenticated || status.Convert(err).Message() != "the join token is not valid: it is wrong, used or expired" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.join(t, "nonsense", "h"); status.Code(err) != codes.Unauthenticated {
		t.Errorf("nonsense: %v", err)
	}
	if _, err := r.join(t, pki.FormatToken(good).Reveal(), "h"); err != nil {
		t.Errorf("the good token, after the wrong ones: %v", err)
	}
}

func TestAStreamNeedsACertificate(t *testing.T) {
	r := newRig(t)
	stream, err := r.client.Connect(t.Context())
	if err == nil {
		_, err = stream.Recv()
	}
	if status.Code(err) != codes.Unauthenticated {
		t.Errorf("a stream without a certificate: %v", err)
	}
}

// TestADeletedHostIsRefused: a good certificate of a host that is not known
// any more opens nothing.
func TestADeletedHostIsRefused(t *testing.T) {
	r := newRig(t)
	key, err := pki.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	csr, err := pki.Request(key, "ghost")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := r.ca.Sign(csr, "gone")
	if err != nil {
		t.Fatal(err)
	}
	client := r.dial(pki.ClientTLS(pki.KeyPair(key, certificate), r.ca.Certificate(), "127.0.0.1"))
	stream, err := client.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&agentv1.FromAgent{Body: &agentv1.FromAgent_Hello{Hello: &agentv1.Hello{}}}); err != nil {
		t.Fatal(err)
	}
	if _, err = stream.Recv(); status.Code(err) != codes.PermissionDenied || strings.Contains(err.Error(), "gone") {
		t.Errorf("a deleted host: %v", err)
	}
}
