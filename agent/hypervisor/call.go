package hypervisor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"libvirt.org/go/libvirt"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// call does what name stands for on a connection of its own, and stops waiting
// for it after limit or when ctx ends. libvirt calls cannot be cancelled: one
// that is given up goes on, keeps its connection, and frees what it got. So do
// must free all it gets, return plain values only, and ask its ctx before it
// changes anything after a first call.
func call[T any](ctx context.Context, h *Host, name string, limit time.Duration, do func(context.Context, *libvirt.Connect) (T, error)) (T, error) {
	started := time.Now()
	value, err := within(ctx, h.line, name, limit, do)
	h.config.Observe(name, time.Since(started), err)
	return value, err
}

func within[T any](ctx context.Context, l *line, name string, limit time.Duration, do func(context.Context, *libvirt.Connect) (T, error)) (T, error) {
	var none T
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	s, err := l.session(ctx)
	if err != nil {
		return none, unanswered(err, name, limit)
	}
	conn, err := s.take(ctx)
	if err != nil {
		s.release()
		return none, unanswered(err, name, limit)
	}
	type answer struct {
		value T
		err   error
	}
	answered := make(chan answer, 1)
	l.calls.Go(func() {
		defer s.release()
		defer s.put(conn)
		value, err := do(ctx, conn)
		answered <- answer{value, err}
	})
	select {
	case a := <-answered:
		return a.value, explain(name, a.err)
	case <-ctx.Done():
		return none, unanswered(ctx.Err(), name, limit)
	}
}

// unanswered says why nobody waits for the call's answer.
func unanswered(err error, name string, limit time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(fault.Timeout, err, "libvirt did not answer %s in time, which is %s at most", name, limit)
	}
	return fmt.Errorf("call %s: %w", name, err)
}
