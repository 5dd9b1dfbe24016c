// Package link is the agent's connection to its controller: one stream over
// mutual TLS, dialled by the agent and dialled again, with growing and random
// pauses, whenever it is lost. The stream carries nothing that would be lost
// with it: actions come again on the next stream, outcomes wait in the
// journal, reports are made anew. On one stream a complete report that follows
// the outcome of a start or stop was made after it: a VM that it lacks is not
// merely too new.
//
// In:  actions and acknowledgements, from the controller; outcomes, from package journal; what the host looks like, from package hypervisor.
// Out: actions, to package action; outcomes, reports and heartbeats, to the controller.
package link

import (
	"context"
	"crypto/tls"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairn-kvm/cairn/agent/domain"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

const (
	pauseBase = 100 * time.Millisecond
	pauseCap  = 15 * time.Second
	// settled is how long a stream must have lasted for its loss to be a new
	// incident, and not one more failure of the last.
	settled = 15 * time.Second
)

// Config says where the controller is and who calls.
type Config struct {
	Controller string      // host:port; the host may have several addresses
	TLS        *tls.Config // with the host's certificate
	Name       string      // of the host, for people
	Version    string      // of the agent
	BootID     string      // differs after each boot of the host
}

// Host is what the link tells the controller about.
type Host interface {
	// VMs lists every VM of ours, or says why it cannot; never a part.
	VMs(context.Context) ([]domain.VM, error)
	Facts(context.Context) (domain.Facts, error)
	// Changes asks to look again. It never blocks the one who sends.
	Changes() <-chan struct{}
}

// Runner takes the actions that arrive.
type Runner interface {
	Submit(context.Context, *agentv1.Action) error
}

// Journal holds the outcomes that wait.
type Journal interface {
	Unacknowledged(cursor uint64) ([]*agentv1.Result, uint64)
	Acknowledge(id string)
	Ready() <-chan struct{}
}

// Link keeps one stream to the controller open.
type Link struct {
	config  Config
	host    Host
	runner  Runner
	journal Journal
	log     *slog.Logger

	generation   atomic.Uint64 // of the last report
	facts        atomic.Pointer[agentv1.HostFacts]
	draining     atomic.Bool
	connected    atomic.Bool
	streams      atomic.Uint64
	complete     atomic.Uint64
	incomplete   atomic.Uint64
	lastComplete atomic.Int64
	acknowledged chan struct{}
}

// New makes a link that is not connected yet.
func New(c Config, host Host, runner Runner, journal Journal, log *slog.Logger) *Link {
	return &Link{config: c, host: host, runner: runner, journal: journal, log: log, acknowledged: make(chan struct{}, 1)}
}

// Run keeps the link up until ctx ends, and returns when nothing of it runs
// any more.
func (l *Link) Run(ctx context.Context) {
	var pause pause
	said := ""
	for {
		started := time.Now()
		err := l.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(started) > settled {
			pause.reset()
			said = ""
		}
		wait := pause.next()
		if text := err.Error(); text != said { // one line for one reason, however often
			l.log.Log(ctx, severity(err), "controller is away", "controller", l.config.Controller, "err", err, "again_in", wait)
			said = text
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// severity of a loss: a controller that does not want this host stays so
// until a person acts.
func severity(err error) slog.Level {
	switch status.Code(err) {
	case codes.Unauthenticated, codes.PermissionDenied:
		return slog.LevelError
	}
	return slog.LevelWarn
}

// Drain takes no more actions; the controller keeps them and sends them to
// the agent's next process. Everything else goes on.
func (l *Link) Drain() { l.draining.Store(true) }

// Flush waits until no outcome waits for its acknowledgement, ctx ends, or
// there is nobody to send them to.
func (l *Link) Flush(ctx context.Context) {
	for l.connected.Load() {
		if waiting, _ := l.journal.Unacknowledged(0); len(waiting) == 0 {
			return
		}
		select {
		case <-l.acknowledged:
		case <-ctx.Done():
			return
		}
	}
}

// Stats is the link's condition.
type Stats struct {
	Connected    bool
	Streams      uint64    // that were welcomed, since the agent started
	Complete     uint64    // reports
	Incomplete   uint64    // reports
	LastComplete time.Time // report; zero: none yet
}

// Stats gives the condition as it is now.
func (l *Link) Stats() Stats {
	s := Stats{Connected: l.connected.Load(), Streams: l.streams.Load(), Complete: l.complete.Load(), Incomplete: l.incomplete.Load()}
	if at := l.lastComplete.Load(); at != 0 {
		s.LastComplete = time.Unix(0, at)
	}
	return s
}

// pause is the wait before the next attempt: anything up to a limit that
// doubles with each attempt, so that a thousand agents do not come back at
// one moment.
type pause struct{ attempts int }

func (p *pause) next() time.Duration {
	limit := min(pauseBase<<p.attempts, pauseCap)
	if limit < pauseCap {
		p.attempts++
	}
	return rand.N(limit + 1)
}

func (p *pause) reset() { p.attempts = 0 }
