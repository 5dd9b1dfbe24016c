package script

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/cairn-kvm/cairn/agent"
	"github.com/cairn-kvm/cairn/agent/sim"
	"github.com/cairn-kvm/cairn/controller"
	"github.com/cairn-kvm/cairn/controller/auth"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/secret"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// cloud is what one script talks to.
type cloud struct {
	cfg        controller.Config
	controller *controller.Controller
	stop       func() error
	keys       map[string]controller.RootKeys // by user name
	pools      *sim.Pools
	hosts      map[string]*host
	client     *http.Client
	log        *slog.Logger
}

// host is a simulated host and its agent.
type host struct {
	*sim.Host
	cfg  agent.Config
	held map[string]*sim.Hold // by method
	stop func() error
}

func newCloud(ctx context.Context, dir string, logs io.Writer) (*cloud, error) {
	cfg := controller.Default()
	cfg.StateDir = filepath.Join(dir, "controller")
	cfg.API.Listen, cfg.Agents.Listen = "127.0.0.1:0", "127.0.0.1:0"
	cfg.Jobs.HostGrace = 10 * time.Second
	root, err := controller.Init(ctx, cfg)
	if err != nil {
		return nil, err
	}
	c := &cloud{
		cfg: cfg, keys: map[string]controller.RootKeys{"admin": root}, pools: sim.NewPools(), hosts: map[string]*host{},
		client: &http.Client{Transport: &http.Transport{}},
		log:    slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelInfo})),
	}
	return c, c.start()
}

// start runs a controller on the cloud's state, from the second time on at
// the addresses of the first.
func (c *cloud) start() error {
	running, err := controller.New(context.Background(), c.cfg, c.log)
	if err != nil {
		return err
	}
	c.controller = running
	c.cfg.API.Listen, c.cfg.Agents.Listen = running.APIAddress(), running.AgentAddress()
	c.stop = goRun(func(ctx context.Context) error {
		err := running.Run(ctx)
		c.client.CloseIdleConnections()
		if closed := running.Close(); err == nil {
			err = closed
		}
		return err
	})
	return nil
}

// goRun runs f until the returned function is called, which gives its error.
func goRun(f func(context.Context) error) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	return sync.OnceValue(func() error {
		cancel()
		return <-done
	})
}

// add makes a host and has it join a cluster.
func (c *cloud) add(ctx context.Context, dir, name, cluster string) error {
	token, err := controller.JoinToken(ctx, c.cfg, cluster, time.Minute)
	if err != nil {
		return err
	}
	h, err := c.install(dir, name)
	if err != nil {
		return err
	}
	if err := c.join(ctx, h, name, token); err != nil {
		return err
	}
	c.hosts[name] = h
	return c.run(h)
}

// install makes a host that has not joined: each time one of its own.
func (c *cloud) install(dir, name string) (*host, error) {
	dir, err := os.MkdirTemp(dir, name+"-")
	if err != nil {
		return nil, err
	}
	h := &host{
		Host: sim.New(sim.Config{Name: name, Pools: c.pools}), cfg: agent.Default(),
		held: map[string]*sim.Hold{}, stop: func() error { return nil },
	}
	h.cfg.StateDir, h.cfg.CacheDir = filepath.Join(dir, "agent"), filepath.Join(dir, "cache")
	h.cfg.Metrics.Listen, h.cfg.DrainTime = "", 100*time.Millisecond
	return h, nil
}

func (c *cloud) join(ctx context.Context, h *host, name string, token secret.Text) error {
	_, err := agent.Join(ctx, agent.JoinRequest{
		Controller: c.cfg.Agents.Listen, Token: token, StateDir: h.cfg.StateDir, Facts: &agentv1.HostFacts{Name: name},
	})
	return err
}

// run starts the host's agent.
func (c *cloud) run(h *host) error {
	running, err := agent.New(h.cfg, agent.Host{Hypervisor: h.Host, Storage: h.Host}, agent.NewMetrics(), c.log.With("agent", h.cfg.StateDir))
	if err != nil {
		return err
	}
	h.stop = goRun(running.Run)
	return nil
}

// account makes an account with one user of its name, who has keys.
func (c *cloud) account(ctx context.Context, name string, role resource.RoleType) error {
	s := c.controller.Store()
	domain, err := store.First[resource.Domain](ctx, s, store.Filter{"path": "/"})
	if err != nil {
		return err
	}
	number, err := s.Next(ctx, "account")
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	owner := &resource.Account{
		ID: store.NewID[resource.AccountID](), Number: number, Name: name, DomainID: domain.ID, Role: role,
		State: resource.AccountEnabled, Created: now,
	}
	apiKey, secretKey := auth.NewKeys()
	user := &resource.User{
		ID: store.NewID[resource.UserID](), AccountID: owner.ID, Name: name, State: resource.AccountEnabled,
		APIKey: apiKey.Reveal(), SecretKey: s.Seal(secretKey), Created: now,
	}
	c.keys[name] = controller.RootKeys{APIKey: apiKey, SecretKey: secretKey}
	return s.InTx(ctx, func(ctx context.Context) error {
		if err := store.Insert(ctx, s, owner); err != nil {
			return err
		}
		return store.Insert(ctx, s, user)
	})
}

// end stops everything; what went wrong at the end is an error too.
func (c *cloud) end() error {
	for name, h := range c.hosts {
		if err := h.stop(); err != nil {
			return fmt.Errorf("host %s: %w", name, err)
		}
	}
	return c.stop()
}
