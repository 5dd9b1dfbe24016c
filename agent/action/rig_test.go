package action_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/cairn-kvm/cairn/agent/action"
	"github.com/cairn-kvm/cairn/agent/journal"
	"github.com/cairn-kvm/cairn/agent/sim"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/logging/logtest"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var config = action.Config{Parallel: 2, Queue: 8, Bridge: "br0", ConsoleDir: "/var/log/console"}

// quiet is for a process that a test lets die: what it says is not judged.
var quiet = slog.New(slog.DiscardHandler)

// rig is a runner on a simulated host, with a real journal.
type rig struct {
	*action.Runner
	t       *testing.T
	host    *sim.Host
	journal *journal.Journal
	dir     string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	pools := sim.NewPools()
	pools.Publish(templateURL, sim.Published{Content: []byte("a template"), Format: "qcow2", SizeBytes: 1 << 30})
	return on(t, sim.New(sim.Config{Pools: pools}), t.TempDir(), io.Discard)
}

// on starts a runner on a host, with the journal of a directory.
func on(t *testing.T, host *sim.Host, dir string, logged io.Writer, expected ...string) *rig {
	t.Helper()
	log := logtest.Tee(t, logged, expected...)
	j, err := journal.Open(dir, log)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, host: host, journal: j, dir: dir}
	r.Runner = newRunner(host, j, log)
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func newRunner(host *sim.Host, j action.Journal, log *slog.Logger) *action.Runner {
	return action.New(config, action.Host{Hypervisor: host, Storage: host}, j, func(string, fault.Kind, time.Duration) {}, log)
}

func (r *rig) submit(a *agentv1.Action) {
	r.t.Helper()
	if err := r.Submit(r.t.Context(), a); err != nil {
		r.t.Fatal(err)
	}
}

// outcome waits for the result of an action.
func (r *rig) outcome(id string) *agentv1.Result {
	r.t.Helper()
	patience := time.After(20 * time.Second)
	for {
		results, _ := r.journal.Unacknowledged(0)
		for _, result := range results {
			if result.GetActionId() == id {
				return result
			}
		}
		select {
		case <-r.journal.Ready():
		case <-patience:
			r.t.Fatalf("the outcome of %s did not come", id)
		}
	}
}

func (r *rig) do(a *agentv1.Action) *agentv1.Result {
	r.t.Helper()
	r.submit(a)
	return r.outcome(a.GetId())
}

// done does an action that must succeed.
func (r *rig) done(a *agentv1.Action) *agentv1.Done {
	r.t.Helper()
	result := r.do(a)
	if result.GetDone() == nil {
		r.t.Fatalf("%s: %v", a.GetId(), result.GetFault())
	}
	return result.GetDone()
}

func withID(a *agentv1.Action, id string) *agentv1.Action {
	a = proto.CloneOf(a)
	a.Id = id
	return a
}
