// Package action does what the controller asks of a host. Each kind of action
// is one file with a list of named steps; the runner does the actions of one
// subject (a VM or a template) in the order in which they came, those of
// different subjects side by side, and makes sure through the journal that an
// action is not done twice and that its outcome is not lost.
//
// Steps look at what stands before they change it, so that an action which
// was cut short by a crash is simply done again from its first step.
//
// In:  actions, from package link.
// Out: calls, to packages configdrive, storage and hypervisor; outcomes, to package journal.
package action

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cairn-kvm/cairn/agent/journal"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// Config bounds the runner and fills what the controller leaves open.
type Config struct {
	Parallel   int    // actions that run at one time
	Queue      int    // actions that are accepted and not finished
	Bridge     string // of a guest's interface that names none
	ConsoleDir string // where consoles of guests are recorded
}

// Journal is what the runner needs of package journal.
type Journal interface {
	Begin(journal.Action) (journal.Verdict, error)
	Finish(*agentv1.Result) error
	Refuse(*agentv1.Result)
}

// Observe is told about every action that ended; one that was refused took no
// time.
type Observe func(kind string, outcome fault.Kind, took time.Duration)

// Runner runs actions. It is safe for concurrent use.
type Runner struct {
	config  Config
	host    Host
	journal Journal
	observe Observe
	log     *slog.Logger
	before  func(kind, step string) error // tests: fails, or holds up, a step

	room    chan struct{} // one for each accepted action
	slots   chan struct{} // one for each running action
	closing chan struct{} // closed: begin nothing more
	broken  chan error    // why the journal cannot be used any more
	lines   sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	accepted map[string]context.CancelCauseFunc // by action id; set while it runs
	waiting  map[string][]*agentv1.Action       // by subject; present while the subject has a line
}

// New makes a runner without work.
func New(c Config, host Host, j Journal, observe Observe, log *slog.Logger) *Runner {
	return &Runner{
		config: c, host: host, journal: j, observe: observe, log: log,
		before:   func(string, string) error { return nil },
		room:     make(chan struct{}, c.Queue),
		slots:    make(chan struct{}, c.Parallel),
		closing:  make(chan struct{}),
		broken:   make(chan error, 1),
		accepted: map[string]context.CancelCauseFunc{},
		waiting:  map[string][]*agentv1.Action{},
	}
}

// Submit accepts an action and returns before it is done; its outcome goes to
// the journal. One that is accepted already is not accepted twice: the
// outcome serves both, also where it was just sent. While the queue is full Submit waits, so that the
// stream is not read and the controller slows down.
func (r *Runner) Submit(ctx context.Context, a *agentv1.Action) error {
	if err := wellFormed(a); err != nil {
		r.refuse(a, err)
		return nil
	}
	select {
	case r.room <- struct{}{}:
	case <-r.closing:
		return errClosing
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return r.enqueue(a)
}

var (
	errClosing = fault.New(fault.Unavailable, "the agent is stopping")
	errStopped = fault.New(fault.Unavailable, "the agent was stopped before the action was done")
)

func (r *Runner) enqueue(a *agentv1.Action) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, known := r.accepted[a.GetId()]
	if known || r.closed {
		<-r.room
	}
	switch {
	case known:
		return nil
	case r.closed:
		return errClosing
	}
	r.accepted[a.GetId()] = nil
	line, served := r.waiting[a.GetSubject()]
	r.waiting[a.GetSubject()] = append(line, a)
	if !served {
		r.lines.Go(func() { r.serve(a.GetSubject()) })
	}
	return nil
}

// serve does the actions of one subject, until none waits.
func (r *Runner) serve(subject string) {
	for a := r.next(subject); a != nil; a = r.next(subject) {
		if release, ok := r.acquire(a); ok {
			r.do(a)
			release()
		}
		r.forget(a)
	}
}

// acquire waits for a slot. An action that hangs beyond its deadline, say in
// a pool whose server is away, gives its slot back: it holds up its own
// subject, never the host.
func (r *Runner) acquire(a *agentv1.Action) (release func(), ok bool) {
	select {
	case r.slots <- struct{}{}:
	case <-r.closing:
		return nil, false
	}
	give := sync.OnceFunc(func() { <-r.slots })
	hung := time.AfterFunc(max(time.Until(deadlineOf(a)), 0)+hangs, func() {
		r.log.Error("action does not end after its deadline", "action", a.GetId(), "kind", Kind(a), "vm", a.GetSubject())
		give()
	})
	return func() { hung.Stop(); give() }, true
}

// next takes the subject's first waiting action. Without one, or when the
// runner closes, the line ends.
func (r *Runner) next(subject string) *agentv1.Action {
	r.mu.Lock()
	defer r.mu.Unlock()
	line := r.waiting[subject]
	if len(line) > 0 && !r.closed {
		r.waiting[subject] = line[1:]
		return line[0]
	}
	delete(r.waiting, subject)
	return nil
}

func (r *Runner) forget(a *agentv1.Action) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.accepted, a.GetId())
	<-r.room
}

// Broken tells, once, that the journal cannot be used any more: the agent
// must start anew to find out what it has done.
func (r *Runner) Broken() <-chan error { return r.broken }

// Close begins nothing more and waits for what runs. When ctx ends, what runs
// still is cut short and stays in doubt: it is taken up when the controller
// sends it again. Close returns when nothing runs, or with an error when
// something does not even end then.
func (r *Runner) Close(ctx context.Context) error {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.closing)
	}
	r.mu.Unlock()
	idle := make(chan struct{})
	go func() { r.lines.Wait(); close(idle) }()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	r.interrupt()
	select {
	case <-idle:
		return nil
	case <-time.After(hangs):
		return fault.New(fault.Timeout, "actions hang and cannot be stopped")
	}
}

func (r *Runner) interrupt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, cancel := range r.accepted {
		if cancel != nil {
			r.log.Warn("action is cut short: the drain time is over", "action", id)
			cancel(errStopped)
		}
	}
}
