package workflow_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store/storetest"
	"github.com/cairn-kvm/cairn/controller/workflow"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func engine(t *testing.T) workflow.Engine {
	t.Helper()
	s := storetest.Open(t)
	return workflow.Engine{Store: s, Log: slog.New(slog.DiscardHandler)}
}

// world is what the steps of a test act on; trace is the state that is kept.
type world struct{ done []string }

type trace struct{ Steps []string }

var names = []string{"place", "volume", "drive", "start"}

// killed ends a workflow as the death of the process would: at once.
type killed struct{}

// flow has a step for each name. Before and after each do and undo it asks
// strike whether to go on.
func (w *world) flow(strike func(moment string) error) workflow.Flow[trace] {
	f := workflow.Flow[trace]{Name: "test"}
	for _, name := range names {
		f.Steps = append(f.Steps, workflow.Step[trace]{
			Name: name,
			Do: func(_ context.Context, s *trace) error {
				if err := strike("before " + name); err != nil {
					return err
				}
				if !slices.Contains(w.done, name) {
					w.done = append(w.done, name)
				}
				s.Steps = append(s.Steps, name)
				return strike("after " + name)
			},
			Undo: func(context.Context, *trace) error {
				if err := strike("before undo " + name); err != nil {
					return err
				}
				w.done = slices.DeleteFunc(w.done, func(done string) bool { return done == name })
				return strike("after undo " + name)
			},
		})
	}
	return f
}

func never(string) error { return nil }

// life runs the workflow until it ends or is killed.
func life(t *testing.T, e workflow.Engine, w *world, strike func(string) error) (err error, dead bool) { //nolint:revive // dead belongs last
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			if _, is := p.(killed); !is {
				panic(p)
			}
			dead = true
		}
	}()
	return workflow.Run(t.Context(), e, &resource.Job{ID: "j"}, w.flow(strike), &trace{}), false
}

func TestFailureAtEachStepLeavesNothing(t *testing.T) {
	for _, name := range names {
		for _, when := range []string{"before ", "after "} {
			t.Run(when+name, func(t *testing.T) {
				w, failure := &world{}, fault.New(fault.NoCapacity, "no room")
				err, _ := life(t, engine(t), w, func(moment string) error {
					if moment == when+name {
						return failure
					}
					return nil
				})
				if !fault.Is(err, fault.NoCapacity) || fault.Message(err) != "no room" || len(w.done) > 0 {
					t.Errorf("outcome %v, left behind %v", err, w.done)
				}
			})
		}
	}
}

func TestAFailingUndoDoesNotStopTheOthers(t *testing.T) {
	w := &world{}
	err, _ := life(t, engine(t), w, func(moment string) error {
		switch moment {
		case "after start", "before undo drive":
			return fault.New(fault.Unavailable, "host is away")
		}
		return nil
	})
	if !fault.Is(err, fault.Unavailable) || !slices.Equal(w.done, []string{"drive"}) {
		t.Errorf("outcome %v, left behind %v", err, w.done)
	}
}

// TestDeathAtEachMoment kills the process at each moment of a run that
// succeeds and of one that fails, and has it start again: the outcome is that
// of a life without death.
func TestDeathAtEachMoment(t *testing.T) {
	for _, fails := range []bool{false, true} {
		var moments []string
		observe := func(moment string) error {
			moments = append(moments, moment)
			return failAtEnd(fails, moment)
		}
		if _, dead := life(t, engine(t), &world{}, observe); dead {
			t.Fatal("died by itself")
		}
		for _, moment := range moments {
			t.Run(fmt.Sprintf("fails=%v/%s", fails, moment), func(t *testing.T) {
				e, w, struck := engine(t), &world{}, false
				strike := func(at string) error {
					if at == moment && !struck {
						struck = true
						panic(killed{})
					}
					return failAtEnd(fails, at)
				}
				if _, dead := life(t, e, w, strike); !dead {
					t.Fatal("survived")
				}
				err, _ := life(t, e, w, strike)
				check(t, fails, err, w)
				err, _ = life(t, e, w, strike) // the job's row could not be written: it runs once more
				check(t, fails, err, w)
			})
		}
	}
}

func failAtEnd(fails bool, moment string) error {
	if fails && moment == "after start" {
		return fault.New(fault.Timeout, "too slow")
	}
	return nil
}

func check(t *testing.T, fails bool, err error, w *world) {
	t.Helper()
	if !fails && (err != nil || !slices.Equal(w.done, names)) {
		t.Errorf("outcome %v, done %v", err, w.done)
	}
	if fails && (!fault.Is(err, fault.Timeout) || fault.Message(err) != "too slow" || len(w.done) > 0) {
		t.Errorf("outcome %v, left behind %v", err, w.done)
	}
}

func TestStateSurvives(t *testing.T) {
	e, w := engine(t), &world{}
	if err, _ := life(t, e, w, never); err != nil {
		t.Fatal(err)
	}
	kept := &trace{}
	if err := workflow.Run(t.Context(), e, &resource.Job{ID: "j"}, w.flow(never), kept); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(kept.Steps, names) {
		t.Errorf("a finished workflow gave %v", kept.Steps)
	}
}

// TestAPassedDeadlineStillUndoes: a job whose time ran out while nobody ran it
// takes back what it did.
func TestAPassedDeadlineStillUndoes(t *testing.T) {
	e, w := engine(t), &world{}
	die := func(moment string) error {
		if moment == "before start" {
			panic(killed{})
		}
		return nil
	}
	if _, dead := life(t, e, w, die); !dead {
		t.Fatal("survived")
	}
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	late := func(string) error { return ctx.Err() }
	flow := w.flow(never)
	flow.Steps[3].Do = func(context.Context, *trace) error { return late("") }
	err := workflow.Run(ctx, e, &resource.Job{ID: "j"}, flow, &trace{})
	if !fault.Is(err, fault.Timeout) || len(w.done) > 0 {
		t.Errorf("outcome %v, left behind %v", err, w.done)
	}
}
