package action_test

import (
	"io"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/cairn-kvm/cairn/agent/action"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// The tests here hold for every kind of action, those yet to be written too.

func kinds(t *testing.T) (list []string) {
	t.Helper()
	acts := (*agentv1.Action)(nil).ProtoReflect().Descriptor().Oneofs().ByName("act").Fields()
	for i := range acts.Len() {
		list = append(list, string(acts.Get(i).Name()))
	}
	if len(list) == 0 {
		t.Fatal("the protocol has no actions")
	}
	return list
}

func TestEveryKindIsHandledSampledAndAnswered(t *testing.T) {
	t.Parallel()
	handled := action.Kinds()
	if len(handled) != len(kinds(t)) || len(samples()) != len(kinds(t)) {
		t.Errorf("the protocol has %d kinds; %d have a handler, %d a sample", len(kinds(t)), len(handled), len(samples()))
	}
	for _, kind := range kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			if !slices.Contains(handled, kind) {
				t.Fatal("it has no handler: see kinds in kind.go")
			}
			if samples()[kind].action == nil {
				t.Fatal("it has no sample: see sample_test.go")
			}
			r := newRig(t)
			done := r.done(r.prepare(kind)).ProtoReflect()
			what := done.WhichOneof(done.Descriptor().Oneofs().ByName("what"))
			if what == nil || string(what.Name()) != kind {
				t.Errorf("it is answered with %v", what)
			}
		})
	}
}

// stepsOf are the names of an action's steps, found by doing it.
func stepsOf(t *testing.T, kind string) (steps []string) {
	t.Helper()
	r := newRig(t)
	a := r.prepare(kind)
	var mu sync.Mutex
	r.Before(func(_, step string) error {
		mu.Lock()
		defer mu.Unlock()
		steps = append(steps, step)
		return nil
	})
	r.done(a)
	return steps
}

func TestFailureAtEveryStepLeavesTheHostAsItWas(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds(t) {
		for _, at := range stepsOf(t, kind) {
			t.Run(kind+"/"+at, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				a := r.prepare(kind)
				before := r.host.Snapshot()
				r.Before(func(_, step string) error {
					if step == at {
						return fault.New(fault.NoCapacity, "no room")
					}
					return nil
				})
				f := r.do(a).GetFault()
				if f.GetKind() != agentv1.Kind_KIND_NO_CAPACITY || f.GetMessage() != "no room" || f.GetDetail() != at+": no room" {
					t.Errorf("it is answered with %v", f)
				}
				if after := r.host.Snapshot(); !maps.Equal(before, after) {
					t.Errorf("the host was\n%v\nand is\n%v", before, after)
				}
			})
		}
	}
}

func TestEveryKindTwiceIsTheSameAsOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			a := r.prepare(kind)
			first := r.done(a)
			once := r.host.Snapshot()
			second := r.done(withID(a, "again"))
			if twice := r.host.Snapshot(); !maps.Equal(once, twice) {
				t.Errorf("after once the host is\n%v\nafter twice\n%v", once, twice)
			}
			if !proto.Equal(withoutNews(first), withoutNews(second)) {
				t.Errorf("first %v, then %v", first, second)
			}
			calls := r.host.AllCalls()
			r.journal.Acknowledge(a.GetId())
			if repeat := r.done(a); !proto.Equal(repeat, first) {
				t.Errorf("the repeat of one id is answered with %v, not %v", repeat, first)
			}
			if got := r.host.AllCalls(); got != calls {
				t.Errorf("the repeat of one id made %d calls", got-calls)
			}
		})
	}
}

// withoutNews takes away what tells whether there was anything to do.
func withoutNews(d *agentv1.Done) *agentv1.Done {
	d = proto.CloneOf(d)
	if drive := d.GetBuildDrive(); drive != nil {
		drive.Written = false
	}
	if stop := d.GetStopVm(); stop != nil {
		stop.WasRunning = false
	}
	return d
}

func TestDeathBetweenAnyTwoStepsIsMadeGood(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds(t) {
		for _, at := range append(stepsOf(t, kind), "finish") {
			t.Run(kind+"/"+at, func(t *testing.T) {
				t.Parallel()
				whole := newRig(t)
				whole.done(whole.prepare(kind))

				victim := newRig(t)
				a := victim.prepare(kind)
				reached, ended := make(chan struct{}), make(chan struct{})
				t.Cleanup(func() { close(ended) })
				hold := func(step string) error {
					if step != at {
						return nil
					}
					close(reached)
					<-ended
					return fault.New(fault.Internal, "this process is dead")
				}
				victim.Before(func(_, step string) error { return hold(step) })
				if at == "finish" {
					victim.Runner = newRunner(victim.host, dying{victim.journal, hold}, quiet)
				}
				victim.submit(a)
				<-reached
				heir := on(t, victim.host, copyOf(t, victim.dir), io.Discard)
				heir.done(a)
				if got, want := heir.host.Snapshot(), whole.host.Snapshot(); !maps.Equal(got, want) {
					t.Errorf("the host is\n%v\nwant\n%v", got, want)
				}
			})
		}
	}
}

// dying is a journal whose process dies before an outcome is noted.
type dying struct {
	action.Journal
	hold func(step string) error
}

func (d dying) Finish(*agentv1.Result) error { return d.hold("finish") }

// copyOf is the journal's directory as a dead process leaves it.
func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}
