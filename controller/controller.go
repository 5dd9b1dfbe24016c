// Package controller is the whole controller, wired in the order of the path
// that a request takes: api → command → job → workflow → dispatch → fleet.
//
// In:  a configuration, from cmd/cairn-controller or a test.
// Out: a running controller: an API for clients, streams for agents.
package controller

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/api"
	"github.com/cairn-kvm/cairn/controller/auth"
	"github.com/cairn-kvm/cairn/controller/background"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/command/vm"
	"github.com/cairn-kvm/cairn/controller/dispatch"
	"github.com/cairn-kvm/cairn/controller/fleet"
	"github.com/cairn-kvm/cairn/controller/job"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/logging"
	"github.com/cairn-kvm/cairn/internal/pki"
)

// Controller is one running controller.
type Controller struct {
	cfg     Config
	log     *slog.Logger
	state   *state
	auth    *auth.Authenticator
	queue   *job.Queue
	fleet   *fleet.Fleet
	catalog *command.Catalog
	edge    *api.Edge

	apiListener, agentListener net.Listener
}

// New opens the state that Init made, listens, and wires everything. Run sets
// it going; Close undoes New.
func New(ctx context.Context, cfg Config, log *slog.Logger) (*Controller, error) {
	st, err := openState(ctx, cfg)
	if err != nil {
		return nil, err
	}
	c := &Controller{cfg: cfg, log: log, state: st}
	if err := c.wire(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	listen := new(net.ListenConfig)
	if c.apiListener, err = listen.Listen(ctx, "tcp", cfg.API.Listen); err != nil {
		return nil, errors.Join(fmt.Errorf("api.listen: %w", err), c.Close())
	}
	if c.agentListener, err = listen.Listen(ctx, "tcp", cfg.Agents.Listen); err != nil {
		return nil, errors.Join(fmt.Errorf("agents.listen: %w", err), c.Close())
	}
	return c, nil
}

// wire makes the parts from the bottom of the path upwards.
func (c *Controller) wire() error {
	part := func(name string) *slog.Logger { return c.log.With("part", name) }
	s := c.state.store
	settings := setting.Settings{Store: s}
	metrics := newMetrics()
	c.auth = auth.New(s)
	c.queue = job.New(job.Config{Parallel: c.cfg.Jobs.Parallel}, s, part("job"), metrics.job)
	c.catalog = command.NewCatalog(s, c.queue, part("command"))
	dispatcher := dispatch.New(dispatch.Config{HostGrace: c.cfg.Jobs.HostGrace}, s, part("dispatch"))
	power := &background.Power{Store: s, Log: part("background"), Reap: func(ctx context.Context, gone *resource.VM) error {
		_, err := c.catalog.Enqueue(ctx, vm.Reap, gone.Owner, gone.UserID, map[string]string{"id": string(gone.ID)})
		return err
	}}
	server, err := c.serverTLS()
	if err != nil {
		return err
	}
	c.fleet = fleet.New(fleet.Config{TLS: server, CA: c.state.ca}, s, dispatcher, power, part("fleet"))
	dispatcher.Attach(c.fleet)
	c.declare(settings, dispatcher)
	metrics.watch(s, c.fleet)
	c.edge = api.New(api.Config{Ping: s.Ping, Metrics: metrics.handler()}, c.catalog, c.auth, part("api"), metrics.call)
	return nil
}

// serverTLS issues the certificate that agents see, anew at each start.
func (c *Controller) serverTLS() (*tls.Config, error) {
	names := append([]string{"localhost", "127.0.0.1", "::1"}, c.cfg.Agents.Names...)
	if name, err := os.Hostname(); err == nil && name != "" {
		names = append(names, name)
	}
	certificate, err := c.state.ca.Issue(names...)
	if err != nil {
		return nil, fmt.Errorf("issue the server's certificate: %w", err)
	}
	return pki.ServerTLS(certificate, c.state.ca.Certificate()), nil
}

// Run serves until the context ends, and returns when everything has stopped.
// The first part that fails stops the others.
func (c *Controller) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var parts sync.WaitGroup
	start := func(name string, run func(context.Context) error) {
		parts.Go(func() {
			if err := run(ctx); err != nil {
				stop(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	start("fleet", func(ctx context.Context) error { return c.fleet.Serve(ctx, c.agentListener) })
	start("jobs", func(ctx context.Context) error { return c.queue.Run(ctx, c.run) })
	start("api", func(ctx context.Context) error { return c.edge.Serve(ctx, c.apiListener) })
	start("purge", func(ctx context.Context) error {
		background.Purge(ctx, c.state.store, setting.Settings{Store: c.state.store}, c.log.With("part", "background"))
		return nil
	})
	c.log.InfoContext(ctx, "controller is up", "api", c.APIAddress(), "agents", c.AgentAddress())
	<-ctx.Done()
	parts.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// run is the runner of jobs: the body acts on behalf of who asked.
func (c *Controller) run(ctx context.Context, j *resource.Job) (json.RawMessage, error) {
	caller, err := c.auth.CallerOf(ctx, j.UserID)
	if err != nil {
		return nil, err
	}
	ctx = logging.With(access.With(ctx, caller), slog.String(logging.Job, string(j.ID)), slog.String(logging.Command, j.Command))
	return c.catalog.Execute(ctx, j)
}

// APIAddress is where the API listens.
func (c *Controller) APIAddress() string { return c.apiListener.Addr().String() }

// AgentAddress is where agents are answered.
func (c *Controller) AgentAddress() string { return c.agentListener.Addr().String() }

// Catalog is every command of the API.
func (c *Controller) Catalog() *command.Catalog { return c.catalog }

// Store is the controller's state, for tests that look at it.
func (c *Controller) Store() *store.Store { return c.state.store }

// Close frees what New took; the listeners are closed by Run too.
func (c *Controller) Close() error {
	for _, listener := range []net.Listener{c.apiListener, c.agentListener} {
		if listener != nil {
			_ = listener.Close() // it may be closed already, and nothing is lost with it
		}
	}
	return c.state.close()
}
