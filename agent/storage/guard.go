package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// mostHanging operations on one place may hang before it is not tried again.
// Each costs a thread for as long as the mount below the place is dead.
const mostHanging = 8

// guarded does something on a place and stops waiting for it soon after ctx
// ends. System calls on a dead mount return when it pleases them, and cannot
// be cancelled: such an operation is left behind and counted, so that one dead
// place takes neither its callers nor the host's threads.
func guarded[T any](ctx context.Context, s *Storage, root string, do func(context.Context) (T, error)) (T, error) {
	var none T
	if n := s.hangs(root, 0); n >= mostHanging {
		return none, fault.New(fault.Unavailable, "%s does not answer: %d operations on it hang", root, n)
	}
	if err := ctx.Err(); err != nil {
		return none, fmt.Errorf("use %s: %w", root, err)
	}
	type result struct {
		value T
		err   error
	}
	finished := make(chan result, 1)
	go func() {
		value, err := do(ctx)
		finished <- result{value, err}
	}()
	select {
	case r := <-finished:
		return r.value, r.err
	case <-ctx.Done():
	}
	select {
	case r := <-finished: // it has noticed by itself, and has cleaned up
		return r.value, r.err
	case <-time.After(s.config.HangTime):
	}
	s.hangs(root, +1)
	go func() {
		<-finished
		s.hangs(root, -1)
	}()
	s.log.ErrorContext(ctx, "storage does not answer", "path", root)
	return none, fault.Wrap(fault.Timeout, ctx.Err(), "%s did not answer in time", root)
}

// hangs counts the operations that hang on a place.
func (s *Storage) hangs(root string, change int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hanging[root] += change
	n := s.hanging[root]
	if n == 0 {
		delete(s.hanging, root)
	}
	return n
}
