package agent

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/pki"
	"github.com/cairn-kvm/cairn/internal/secret"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

const joinWithin = 30 * time.Second

// JoinRequest is what joining needs.
type JoinRequest struct {
	Controller string // host:port
	Token      secret.Text
	StateDir   string
	Facts      *agentv1.HostFacts // with the host's name
	Force      bool               // give up an identity that the host has
}

// Join makes the host a member of a controller's cloud and keeps its new
// identity in the state directory. The key never leaves the host. A host that
// has joined keeps its identity unless forced.
func Join(ctx context.Context, r JoinRequest) (Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, joinWithin)
	defer cancel()
	if err := r.free(); err != nil {
		return Identity{}, err
	}
	token, err := pki.ParseToken(r.Token.Reveal())
	if err != nil {
		return Identity{}, err
	}
	id := Identity{Name: r.Facts.GetName(), Controller: r.Controller}
	if id.key, err = pki.NewKey(); err != nil {
		return Identity{}, err
	}
	reply, err := r.ask(ctx, token, id)
	if err != nil {
		return Identity{}, fmt.Errorf("join controller %s: %w", r.Controller, err)
	}
	if err := id.accept(reply, token.CADigest); err != nil {
		return Identity{}, fmt.Errorf("join controller %s: %w", r.Controller, err)
	}
	if err := os.MkdirAll(r.StateDir, 0o700); err != nil {
		return Identity{}, err
	}
	return id, id.write(r.StateDir)
}

// free refuses to overwrite an identity, readable or not.
func (r JoinRequest) free() error {
	if r.Force {
		return nil
	}
	_, err := os.Stat(identityPath(r.StateDir))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "the state directory %s cannot be used", r.StateDir)
	}
	known, err := ReadIdentity(r.StateDir)
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "this host is %s of controller %s already: use --force to give that up", known.Host, known.Controller)
}

// ask trades the token for a certificate, with a controller that shows the
// authority of the token and with no other.
func (r JoinRequest) ask(ctx context.Context, token pki.Token, id Identity) (*agentv1.JoinReply, error) {
	server, _, err := net.SplitHostPort(r.Controller)
	if err != nil || server == "" {
		return nil, fault.New(fault.Invalid, "%q is not of the form host:port", r.Controller)
	}
	csr, err := pki.Request(id.key, id.Name)
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(r.Controller,
		grpc.WithTransportCredentials(credentials.NewTLS(pki.JoinTLS(token.CADigest, server))), grpc.WithNoProxy())
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // after the only call, there is nothing to lose
	request := &agentv1.JoinRequest{Token: pki.FormatToken(token).Reveal(), Csr: csr, Facts: r.Facts}
	reply, err := agentv1.NewFleetClient(conn).Join(ctx, request)
	if err != nil {
		return nil, fault.Wrap(fault.Denied, err, "%s", status.Convert(err).Message())
	}
	return reply, nil
}

// accept takes over the controller's answer, if it holds.
func (id *Identity) accept(reply *agentv1.JoinReply, caDigest string) (err error) {
	if sum := sha256.Sum256(reply.GetCa()); hex.EncodeToString(sum[:]) != caDigest {
		return fault.New(fault.Denied, "the controller answers with another authority than the token names")
	}
	if id.CA, err = x509.ParseCertificate(reply.GetCa()); err != nil {
		return fault.Wrap(fault.Malformed, err, "the controller's authority cannot be read")
	}
	if id.Certificate, err = x509.ParseCertificate(reply.GetCertificate()); err != nil {
		return fault.Wrap(fault.Malformed, err, "the host's certificate cannot be read")
	}
	id.Host = reply.GetHostId()
	return id.check()
}
