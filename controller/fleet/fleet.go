// Package fleet is the controller's end of the agents' streams: who is there,
// what waits for it, what it reports. The stream is only a wake-up; all that
// matters is in rows.
//
// In:  pending actions, from package dispatch; streams, from the agents.
// Out: results, to package dispatch; reports of VMs, to package background;
// what a host is and whether it is there, to package store.
package fleet

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/pki"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// Outbox is what waits for a host. See package dispatch.
type Outbox interface {
	Pending(ctx context.Context, host resource.HostID) ([]*agentv1.Action, error)
	Settle(ctx context.Context, host resource.HostID, result *agentv1.Result) error
}

// Reports takes what hosts tell of their VMs. See package background.
type Reports interface {
	Report(ctx context.Context, host resource.HostID, report *agentv1.Report)
}

// Config says how agents are spoken to. Zero means the default.
type Config struct {
	TLS       *tls.Config
	CA        *pki.CA
	Heartbeat time.Duration // how often a silent agent has to say something, 10 s
	Report    time.Duration // how often it reports its VMs without a cause, 15 s
}

// Fleet is safe for concurrent use.
type Fleet struct {
	agentv1.UnimplementedFleetServer

	cfg     Config
	store   *store.Store
	outbox  Outbox
	reports Reports
	log     *slog.Logger

	// presence is held while a host's state is decided and written, so that
	// the row tells of the stream that is open now.
	presence sync.Mutex

	mu       sync.Mutex
	sessions map[resource.HostID]*session
	gone     map[resource.HostID]time.Time // since when; a host that was never here since the start of time
	started  time.Time
}

// New makes the fleet's server.
func New(cfg Config, s *store.Store, outbox Outbox, reports Reports, log *slog.Logger) *Fleet {
	if cfg.Heartbeat == 0 {
		cfg.Heartbeat = 10 * time.Second
	}
	if cfg.Report == 0 {
		cfg.Report = 15 * time.Second
	}
	return &Fleet{
		cfg: cfg, store: s, outbox: outbox, reports: reports, log: log,
		sessions: map[resource.HostID]*session{}, gone: map[resource.HostID]time.Time{}, started: time.Now(),
	}
}

// Serve answers agents until the context ends; then it ends their streams.
func (f *Fleet) Serve(ctx context.Context, listener net.Listener) error {
	if err := f.forgetStreams(ctx); err != nil {
		return err
	}
	server := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(f.cfg.TLS)),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 2 * time.Second, PermitWithoutStream: true}),
		grpc.ReadBufferSize(16<<10), grpc.WriteBufferSize(16<<10),
		grpc.MaxRecvMsgSize(16<<20),
	)
	agentv1.RegisterFleetServer(server, f)
	stop := context.AfterFunc(ctx, server.Stop)
	defer stop()
	if err := server.Serve(listener); err != nil && ctx.Err() == nil {
		return fmt.Errorf("serve agents: %w", err)
	}
	return nil
}

// forgetStreams corrects what a former life left: no stream is open.
func (f *Fleet) forgetStreams(ctx context.Context) error {
	hosts, err := store.All[resource.Host](ctx, f.store, store.Filter{"state": resource.HostUp})
	if err != nil {
		return err
	}
	for _, host := range hosts {
		host.State = resource.HostDisconnected
		if err := store.Update(ctx, f.store, &host, "state"); err != nil {
			return err
		}
	}
	return nil
}

// Wake makes the host's session look for actions to send.
func (f *Fleet) Wake(host resource.HostID) {
	f.mu.Lock()
	session := f.sessions[host]
	f.mu.Unlock()
	if session != nil {
		session.look()
	}
}

// Away tells since when a host's stream is gone; false: it is there.
func (f *Fleet) Away(host resource.HostID) (time.Duration, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sessions[host] != nil {
		return 0, false
	}
	if since, known := f.gone[host]; known {
		return time.Since(since), true
	}
	return time.Since(f.started), true
}

// Connected counts the hosts whose streams are open.
func (f *Fleet) Connected() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.sessions)
}
