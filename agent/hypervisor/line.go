package hypervisor

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
)

const leastPause, mostPause = 200 * time.Millisecond, 5 * time.Second

// A line leads to libvirt: there is a session on it, or a reason why not. One
// goroutine, keep, makes the session, and makes it anew when it is lost.
type line struct {
	uri       string
	keepalive time.Duration
	log       *slog.Logger
	changed   func()         // a domain changed, or the session came or went
	calls     sync.WaitGroup // whether or not anybody still waits for them

	mu      sync.Mutex
	current *session
	away    error         // why there is no session; nil until the first attempt has ended
	turn    chan struct{} // closed when current or away change
}

func newLine(c Config, log *slog.Logger, changed func()) *line {
	return &line{uri: c.URI, keepalive: c.KeepaliveInterval, log: log.With("uri", c.URI), changed: changed, turn: make(chan struct{})}
}

// keep connects until ctx ends. To connect is itself a call that may hang: it
// is waited for, since a daemon that goes on or dies ends it, and a second
// attempt beside it would hang as well.
func (l *line) keep(ctx context.Context) {
	pause := leastPause
	for ctx.Err() == nil {
		s, err := dial(l.uri, l.keepalive, l.changed)
		if err != nil {
			l.complain(pause == leastPause, err)
			l.set(nil, fault.Wrap(fault.Unavailable, err, "libvirt on this host cannot be reached"))
			wait(ctx, jittered(pause))
			pause = min(2*pause, mostPause)
			continue
		}
		pause = leastPause
		l.log.Info("libvirt is connected")
		l.serve(ctx, s)
		wait(ctx, jittered(pause))
	}
}

// complain warns of the first failure in a row only.
func (l *line) complain(first bool, err error) {
	level := slog.LevelDebug
	if first {
		level = slog.LevelWarn
	}
	l.log.Log(context.Background(), level, "libvirt cannot be reached", "err", err)
}

// serve offers the session until it is lost or ctx ends.
func (l *line) serve(ctx context.Context, s *session) {
	defer s.release()
	l.set(s, nil)
	select {
	case <-s.lost:
		l.log.Warn("libvirt connection is lost", "reason", s.reason)
		l.set(nil, fault.New(fault.Unavailable, "the connection to libvirt was lost: %s", s.reason))
	case <-ctx.Done():
		l.set(nil, fault.New(fault.Unavailable, "the connection to libvirt is closed"))
	}
}

// set replaces the session, and tells those who wait for one.
func (l *line) set(s *session, away error) {
	l.mu.Lock()
	l.current, l.away = s, away
	close(l.turn)
	l.turn = make(chan struct{})
	l.mu.Unlock()
	l.changed()
}

// session gives the present session, to be released after use. It waits for
// the first attempt to connect, and does not wait for any later one.
func (l *line) session(ctx context.Context) (*session, error) {
	for {
		l.mu.Lock()
		s, away, turn := l.current, l.away, l.turn
		if s != nil {
			s.retain()
		}
		l.mu.Unlock()
		if s != nil || away != nil {
			return s, away
		}
		select {
		case <-turn:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// jittered spreads the agents of a machine that all lost the same daemon.
func jittered(pause time.Duration) time.Duration {
	return pause/2 + rand.N(pause)
}

func wait(ctx context.Context, pause time.Duration) {
	select {
	case <-time.After(pause):
	case <-ctx.Done():
	}
}
