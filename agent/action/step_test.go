package action

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/internal/fault"
)

func pass(string) error { return nil }

// trail notes what steps do.
type trail struct{ done []string }

func (l *trail) step(name string, doing, undoing error) step {
	note := func(what string, err error) func(context.Context) error {
		return func(ctx context.Context) error {
			l.done = append(l.done, what+" "+name)
			return err
		}
	}
	return step{name: name, do: note("do", doing), undo: note("undo", undoing)}
}

func TestStepsAreTakenBackLastFirst(t *testing.T) {
	t.Parallel()
	var l trail
	plain := l.step("b", nil, nil)
	plain.undo = nil
	steps := []step{l.step("a", nil, nil), plain, l.step("c", nil, nil), l.step("d", fault.New(fault.Timeout, "too slow"), nil)}
	err := execute(t.Context(), steps, pass)
	if got, want := strings.Join(l.done, ", "), "do a, do b, do c, do d, undo c, undo a"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err.Error() != "d: too slow" || fault.Of(err) != fault.Timeout {
		t.Error(err)
	}
}

func TestAFailedUndoIsToldAndStopsNoOther(t *testing.T) {
	t.Parallel()
	var l trail
	steps := []step{l.step("a", nil, nil), l.step("b", nil, errors.New("stuck")), l.step("c", fault.New(fault.NoCapacity, "full"), nil)}
	err := execute(t.Context(), steps, pass)
	if fault.Of(err) != fault.NoCapacity || !strings.Contains(err.Error(), `take back "b": stuck`) {
		t.Error(err)
	}
	if got := l.done[len(l.done)-1]; got != "undo a" {
		t.Errorf("last came %q", got)
	}
}

func TestUndoOutlivesTheDeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var inUndo error
	steps := []step{
		{name: "a", do: func(context.Context) error { return nil }, undo: func(ctx context.Context) error { inUndo = ctx.Err(); return nil }},
		{name: "b", do: func(ctx context.Context) error { cancel(); return ctx.Err() }},
	}
	if err := execute(ctx, steps, pass); !errors.Is(err, context.Canceled) || inUndo != nil {
		t.Errorf("%v, and in undo %v", err, inUndo)
	}
}

func TestAStoppedAgentLeavesWhatStands(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	var l trail
	stop := step{name: "b", do: func(ctx context.Context) error { cancel(errStopped); return ctx.Err() }}
	if err := execute(ctx, []step{l.step("a", nil, nil), stop}, pass); err == nil {
		t.Error("it went on")
	}
	if got := strings.Join(l.done, ", "); got != "do a" {
		t.Errorf("it did %q", got)
	}
}
