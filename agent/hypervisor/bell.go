package hypervisor

import "sync"

// A bell tells everybody that something changed. What, each finds out itself:
// a peal may be of many changes, or of none that matters.
type bell struct {
	heard chan struct{} // for one reader, which may be busy: keeps one peal

	mu   sync.Mutex
	next chan struct{} // for any number: closed by the next peal
}

func newBell() *bell {
	return &bell{heard: make(chan struct{}, 1), next: make(chan struct{})}
}

// ring never blocks: libvirt's event loop calls it.
func (b *bell) ring() {
	select {
	case b.heard <- struct{}{}:
	default: // the reader has yet to hear the last one
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.next)
	b.next = make(chan struct{})
}

// peal is closed at the next ring. Take it first, then look, then wait.
func (b *bell) peal() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}
