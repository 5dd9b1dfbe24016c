// Package linktest is the controller's end of the stream for tests of the
// agent: a real gRPC server with mutual TLS on the loopback that does nothing
// by itself but say welcome, and shows the test all that an agent sends.
//
// In:  an agent's stream; what to send, from the test.
// Out: what the agent sent, to the test.
package linktest

import (
	"context"
	"crypto/tls"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/cairn-kvm/cairn/internal/pki"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// Fleet is the server.
type Fleet struct {
	agentv1.UnimplementedFleetServer

	Address string // host:port
	CA      *pki.CA
	Token   pki.Token // lets any number of hosts join
	Welcome *agentv1.Welcome
	HostID  string // that a joining host gets

	t       testing.TB
	server  *grpc.Server
	streams chan *Stream
}

// New starts a server on a free port, which ends with the test.
func New(t testing.TB) *Fleet {
	t.Helper()
	ca, err := pki.NewCA("Cairn test")
	if err != nil {
		t.Fatal(err)
	}
	f := &Fleet{
		CA: ca, Token: pki.NewToken(ca.Certificate()), HostID: "host-1", t: t,
		Welcome: &agentv1.Welcome{Heartbeat: durationpb.New(time.Minute), Report: durationpb.New(time.Minute)},
		streams: make(chan *Stream, 16),
	}
	f.start("127.0.0.1:0")
	t.Cleanup(f.Stop)
	return f
}

// Stop ends the server and all its streams at once, as a crash does.
func (f *Fleet) Stop() { f.server.Stop() }

// Restart starts a stopped server again, at the same address.
func (f *Fleet) Restart() { f.start(f.Address) }

func (f *Fleet) start(address string) {
	f.t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		f.t.Fatal(err)
	}
	f.Address = listener.Addr().String()
	certificate, err := f.CA.Issue("127.0.0.1", "localhost")
	if err != nil {
		f.t.Fatal(err)
	}
	f.server = grpc.NewServer(
		grpc.Creds(credentials.NewTLS(pki.ServerTLS(certificate, f.CA.Certificate()))),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second}),
		grpc.WaitForHandlers(true),
	)
	agentv1.RegisterFleetServer(f.server, f)
	go func(s *grpc.Server) { _ = s.Serve(listener) }(f.server) // ends with Stop, which waits for it
}

// Client is the TLS configuration of a joined host.
func (f *Fleet) Client(host string) *tls.Config {
	f.t.Helper()
	key, err := pki.NewKey()
	if err != nil {
		f.t.Fatal(err)
	}
	request, err := pki.Request(key, "")
	if err != nil {
		f.t.Fatal(err)
	}
	certificate, err := f.CA.Sign(request, host)
	if err != nil {
		f.t.Fatal(err)
	}
	return pki.ClientTLS(pki.KeyPair(key, certificate), f.CA.Certificate(), "127.0.0.1")
}

// Join is the protocol's.
func (f *Fleet) Join(_ context.Context, r *agentv1.JoinRequest) (*agentv1.JoinReply, error) {
	token, err := pki.ParseToken(r.GetToken())
	if err != nil || !token.Opens(pki.HashSecret(f.Token.Secret)) {
		return nil, status.Error(codes.Unauthenticated, "the token is not known or was used")
	}
	certificate, err := f.CA.Sign(r.GetCsr(), f.HostID)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &agentv1.JoinReply{HostId: f.HostID, Certificate: certificate.Raw, Ca: f.CA.Certificate().Raw}, nil
}

// Connect is the protocol's.
func (f *Fleet) Connect(stream grpc.BidiStreamingServer[agentv1.FromAgent, agentv1.ToAgent]) error {
	host, err := pki.PeerHost(stream.Context())
	if err != nil {
		return status.Error(codes.Unauthenticated, err.Error())
	}
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	if err := stream.Send(&agentv1.ToAgent{Body: &agentv1.ToAgent_Welcome{Welcome: f.Welcome}}); err != nil {
		return err
	}
	s := newStream(f.t, stream, host, first.GetHello())
	f.streams <- s
	return s.serve()
}

// Next waits for the next stream of an agent.
func (f *Fleet) Next() *Stream {
	f.t.Helper()
	return wait(f.t, f.streams, "a stream")
}

// None reports that no stream waits to be looked at.
func (f *Fleet) None() bool { return len(f.streams) == 0 }

func wait[T any](t testing.TB, c <-chan T, what string) T {
	t.Helper()
	select {
	case got := <-c:
		return got
	case <-time.After(patience):
		t.Fatalf("%s did not come", what)
		panic("not reached")
	}
}
