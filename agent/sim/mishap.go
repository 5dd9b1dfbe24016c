package sim

import (
	"context"
	"sync"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// mishaps are what a test has in store for the calls of a host. Calls go by
// the names of their methods: "Start", "PutImage".
type mishaps struct{ *mishapState }

type mishapState struct {
	mu    sync.Mutex
	calls map[string]int
	fails map[string]map[int]error // by method and number of the call
	holds map[string]*Hold
	away  error
}

func newMishaps() mishaps {
	return mishaps{&mishapState{calls: map[string]int{}, fails: map[string]map[int]error{}, holds: map[string]*Hold{}}}
}

// Fail lets the n-th call from now of a method fail without an effect; 1 is
// the next one.
func (m mishaps) Fail(method string, n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails[method] == nil {
		m.fails[method] = map[int]error{}
	}
	m.fails[method][m.calls[method]+n] = err
}

// Calls counts the calls of a method so far.
func (m mishaps) Calls(method string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls[method]
}

// AllCalls counts the calls of all methods so far.
func (m mishaps) AllCalls() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, calls := range m.calls {
		n += calls
	}
	return n
}

// Away takes the hypervisor away: VMs run on, but nobody can ask about them.
func (m mishaps) Away() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away = fault.New(fault.Unavailable, "the hypervisor does not answer")
}

// Hold keeps the calls of a method from going on.
type Hold struct {
	reached chan struct{}
	release chan struct{}
	once    sync.Once
}

// Hold lets every call of a method from now on wait, before it has an effect,
// until it is released or its context ends.
func (m mishaps) Hold(method string) *Hold {
	m.mu.Lock()
	defer m.mu.Unlock()
	hold := &Hold{reached: make(chan struct{}, 1), release: make(chan struct{})}
	m.holds[method] = hold
	return hold
}

// Reached tells that a call waits.
func (h *Hold) Reached() <-chan struct{} { return h.reached }

// Release lets the calls go on, those to come as well.
func (h *Hold) Release() { h.once.Do(func() { close(h.release) }) }

// enter is the beginning of every call.
func (m mishaps) enter(ctx context.Context, method string) error {
	m.mu.Lock()
	m.calls[method]++
	err := m.fails[method][m.calls[method]]
	hold := m.holds[method]
	m.mu.Unlock()
	if err != nil {
		return err
	}
	if hold != nil {
		hold.wait(ctx)
	}
	return context.Cause(ctx)
}

// enterHypervisor is enter for what the hypervisor must answer.
func (m mishaps) enterHypervisor(ctx context.Context, method string) error {
	if err := m.enter(ctx, method); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.away
}

func (h *Hold) wait(ctx context.Context) {
	select {
	case h.reached <- struct{}{}:
	default: // told already
	}
	select {
	case <-h.release:
	case <-ctx.Done():
	}
}
