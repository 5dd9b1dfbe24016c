// Package agent is the node agent: it holds one stream to its controller,
// does what it is asked to do on this host, and tells what stands there. It
// is a library, so that tests run it in their own process on a simulated host.
//
// In:  a configuration, a hypervisor and a storage, from cmd/cairn-agent or a test.
// Out: the parts, wired in the order of the path: package link, journal, action.
package agent

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/cairn-kvm/cairn/agent/action"
	"github.com/cairn-kvm/cairn/agent/journal"
	"github.com/cairn-kvm/cairn/agent/link"
	"github.com/cairn-kvm/cairn/internal/version"
)

// flushWithin is how long the last outcomes may take to be acknowledged. What
// is not is sent again by the agent's next process.
const flushWithin = 3 * time.Second

// Hypervisor is what the agent needs of package hypervisor, or of a simulated
// host.
type Hypervisor interface {
	action.Hypervisor
	link.Host
}

// Agent is one agent. Run it once.
type Agent struct {
	config   Config
	identity Identity
	log      *slog.Logger
	journal  *journal.Journal
	runner   *action.Runner
	link     *link.Link
	metrics  *Metrics
	listener net.Listener // nil: no metrics
}

// Host is the machine that the agent works on.
type Host struct {
	Hypervisor Hypervisor
	Storage    action.Storage
}

// New reads the host's identity and its journal, and wires the parts. Nothing
// runs yet. With an error nothing is left open.
func New(c Config, host Host, m *Metrics, log *slog.Logger) (*Agent, error) {
	identity, err := ReadIdentity(c.StateDir)
	if err != nil {
		return nil, err
	}
	if c.Controller == "" {
		c.Controller = identity.Controller
	}
	client, err := identity.client(c.Controller)
	if err != nil {
		return nil, err
	}
	j, err := journal.Open(c.StateDir, log.With("part", "journal"))
	if err != nil {
		return nil, err
	}
	a := &Agent{config: c, identity: identity, log: log, journal: j, metrics: m}
	a.runner = action.New(action.Config{
		Parallel: c.Actions.Parallel, Queue: c.Actions.Queue,
		Bridge: c.Guest.Bridge, ConsoleDir: c.Guest.ConsoleDir,
	}, action.Host{Hypervisor: host.Hypervisor, Storage: host.Storage}, j, a.metrics.action, log.With("part", "action"))
	a.link = link.New(link.Config{
		Controller: c.Controller, TLS: client, Name: identity.Name, Version: version.String(), BootID: bootID(),
	}, host.Hypervisor, a.runner, j, log.With("part", "link"))
	a.metrics.watch(a)
	if err := a.listen(); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return a, nil
}

// Run serves until ctx ends, then drains: running actions may finish, and
// their outcomes are sent. It returns an error when the agent has to start
// anew.
func (a *Agent) Run(ctx context.Context) error {
	a.log.Info("agent is running", "version", version.String(), "host", a.identity.Host, "controller", a.config.Controller)
	a.warnOfExpiry()
	linked, unlink := context.WithCancel(context.WithoutCancel(ctx))
	defer unlink()
	var parts sync.WaitGroup
	parts.Go(func() { a.link.Run(linked) })
	parts.Go(func() { a.serveHTTP(linked) })
	parts.Go(func() { a.notify(linked) })

	var failure error
	select {
	case <-ctx.Done():
	case failure = <-a.runner.Broken():
		a.log.Error("journal cannot be used: the agent has to start anew", "err", failure)
	}
	failure = errors.Join(failure, a.drain(context.WithoutCancel(ctx)))
	unlink()
	parts.Wait()
	failure = errors.Join(failure, a.journal.Close())
	a.log.Info("agent has stopped")
	return failure
}

func (a *Agent) drain(ctx context.Context) error {
	a.log.Info("agent is stopping", "drain_time", a.config.DrainTime)
	notifyStopping(a.config.DrainTime)
	a.link.Drain()
	draining, cancel := context.WithTimeout(ctx, a.config.DrainTime)
	defer cancel()
	err := a.runner.Close(draining)
	flushing, cancel := context.WithTimeout(ctx, flushWithin)
	defer cancel()
	a.link.Flush(flushing)
	return err
}

// expirySoon is when the log begins to warn of a certificate that runs out.
const expirySoon = 30 * 24 * time.Hour

func (a *Agent) warnOfExpiry() {
	until := a.identity.Certificate.NotAfter
	if time.Until(until) < expirySoon {
		a.log.Warn("the host's certificate runs out: join again with --force before then", "until", until)
	}
}

// bootID differs after each boot of the host. Where the kernel has none, as
// in some containers, it is empty.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
