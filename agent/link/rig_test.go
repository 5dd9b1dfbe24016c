package link_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/agent/journal"
	"github.com/cairn-kvm/cairn/agent/link"
	"github.com/cairn-kvm/cairn/agent/link/linktest"
	"github.com/cairn-kvm/cairn/internal/logging/logtest"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// host is a host whose answers a test sets.
type host struct {
	mu      sync.Mutex
	vms     []domain.VM
	err     error
	facts   domain.Facts
	listing func() // called after each look, before it is told
	changes chan struct{}
}

func newHost() *host {
	return &host{facts: domain.Facts{CPUs: 4, KVM: true, Arch: "x86_64"}, changes: make(chan struct{}, 1)}
}

func (h *host) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
	select {
	case h.changes <- struct{}{}:
	default:
	}
}

func (h *host) VMs(context.Context) ([]domain.VM, error) {
	h.mu.Lock()
	vms, err := h.vms, h.err
	h.mu.Unlock()
	if h.listing != nil {
		h.listing()
	}
	return vms, err
}

func (h *host) Facts(context.Context) (domain.Facts, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.facts, h.err
}

func (h *host) Changes() <-chan struct{} { return h.changes }

// runner collects what was submitted.
type runner struct{ submitted chan *agentv1.Action }

func (r runner) Submit(_ context.Context, a *agentv1.Action) error {
	r.submitted <- a
	return nil
}

// rig is a link with all that it is connected to.
type rig struct {
	*link.Link
	fleet   *linktest.Fleet
	host    *host
	runner  runner
	journal *journal.Journal
	stop    func()
}

func newRig(t *testing.T, prepare func(*rig)) *rig {
	t.Helper()
	r := &rig{fleet: linktest.New(t), host: newHost(), runner: runner{make(chan *agentv1.Action, 64)}}
	if prepare != nil {
		prepare(r)
	}
	log := logtest.New(t, "controller is away") // of level Error where it refuses the host
	var err error
	if r.journal, err = journal.Open(t.TempDir(), log); err != nil {
		t.Fatal(err)
	}
	r.run(t, r.fleet.Client("host-1"), log)
	return r
}

func (r *rig) run(t *testing.T, client *tls.Config, log *slog.Logger) {
	r.Link = link.New(link.Config{Controller: r.fleet.Address, TLS: client, Name: "node-1", Version: "1.2.3", BootID: "boot-1"},
		r.host, r.runner, r.journal, log)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { r.Run(ctx); close(ended) }()
	r.stop = func() { cancel(); <-ended }
	t.Cleanup(func() {
		r.stop()
		if err := r.journal.Close(); err != nil {
			t.Error(err)
		}
	})
}

func (r *rig) finish(t *testing.T, id string) {
	t.Helper()
	r.finishWith(t, id, nil)
}

func (r *rig) finishWith(t *testing.T, id string, done *agentv1.Done) {
	t.Helper()
	if _, err := r.journal.Begin(journal.Action{ID: id, Subject: "vm-1"}); err != nil {
		t.Error(err)
	}
	if err := r.journal.Finish(&agentv1.Result{ActionId: id, Outcome: &agentv1.Result_Done{Done: done}}); err != nil {
		t.Error(err)
	}
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("never saw that %s", what)
		}
		select {
		case <-time.After(time.Millisecond):
		case <-t.Context().Done():
		}
	}
}

// lines is a log that a test reads while it is written.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	select {
	case l <- string(line):
	default: // the test has seen enough
	}
	return len(line), nil
}
