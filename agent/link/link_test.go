package link_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairn-kvm/cairn/agent/journal"
	"github.com/cairn-kvm/cairn/agent/link/linktest"
	"github.com/cairn-kvm/cairn/internal/logging/logtest"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func TestHelloSaysWhoCalls(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	s := r.fleet.Next()
	hello := s.Hello
	if s.Host != "host-1" || hello.GetVersion() != "1.2.3" || hello.GetBootId() != "boot-1" {
		t.Errorf("%s said %v", s.Host, hello)
	}
	facts := hello.GetFacts()
	if facts.GetName() != "node-1" || facts.GetCpus() != 4 || !facts.GetKvm() || facts.GetAddress() != "127.0.0.1" {
		t.Errorf("facts %v", facts)
	}
	until(t, "the link is connected", func() bool { return r.Stats().Connected })
}

func TestActionsAreHandedOn(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	s := r.fleet.Next()
	for n := range 3 {
		s.Act(&agentv1.Action{Id: fmt.Sprint(n)})
	}
	for n := range 3 {
		if got := <-r.runner.submitted; got.GetId() != fmt.Sprint(n) {
			t.Errorf("action %s came as number %d", got.GetId(), n)
		}
	}
}

func TestResultsComeAgainUntilAcknowledged(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	s := r.fleet.Next()
	r.finish(t, "a")
	r.finish(t, "b")
	for _, want := range []string{"a", "b"} {
		if got := s.Result().GetActionId(); got != want {
			t.Fatalf("result of %s, want %s", got, want)
		}
	}
	s.Acknowledge("a")
	until(t, "a is acknowledged", func() bool { left, _ := r.journal.Unacknowledged(0); return len(left) == 1 })
	s.End(nil)
	s = r.fleet.Next()
	if got := s.Result().GetActionId(); got != "b" {
		t.Errorf("on the second stream comes the result of %s", got)
	}
	r.finish(t, "c")
	if got := s.Result().GetActionId(); got != "c" {
		t.Errorf("after it comes the result of %s", got)
	}
	if s.Results() != 0 {
		t.Error("a result came twice on one stream")
	}
}

func TestTheControllerMayGoAndComeBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	first := r.fleet.Next()
	until(t, "the link is connected", func() bool { return r.Stats().Connected })
	r.fleet.Stop()
	<-first.Gone()
	until(t, "the loss is seen", func() bool { return !r.Stats().Connected })
	r.finish(t, "while-away")
	r.fleet.Restart()
	if got := r.fleet.Next().Result().GetActionId(); got != "while-away" {
		t.Errorf("result of %s", got)
	}
	if got := r.Stats().Streams; got != 2 {
		t.Errorf("%d streams were counted", got)
	}
}

func TestDrainLeavesActionsAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	s := r.fleet.Next()
	r.Drain()
	s.Act(&agentv1.Action{Id: "late"})
	r.finish(t, "running")
	if got := s.Result().GetActionId(); got != "running" {
		t.Errorf("result of %s", got)
	}
	go s.Acknowledge("running")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r.Flush(ctx)
	if left, _ := r.journal.Unacknowledged(0); len(left) != 0 || ctx.Err() != nil {
		t.Errorf("flushed with %d left, %v", len(left), ctx.Err())
	}
	r.stop()
	<-s.Gone()
	if !s.Left {
		t.Error("the agent went without a farewell")
	}
	if got := len(r.runner.submitted); got != 0 {
		t.Errorf("%d actions were taken while draining", got)
	}
}

func TestFlushWithoutController(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	s := r.fleet.Next()
	r.finish(t, "a")
	s.Result()
	r.fleet.Stop()
	r.Flush(t.Context()) // returns, for there is nobody to send it to
}

func TestARefusedHostKeepsAsking(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.fleet.Next().End(status.Error(codes.PermissionDenied, "the host was removed"))
	r.fleet.Next()
}

func TestWrongControllerIsNotTold(t *testing.T) {
	t.Parallel()
	r := &rig{fleet: linktest.New(t), host: newHost(), runner: runner{make(chan *agentv1.Action, 1)}}
	stranger := linktest.New(t)
	said := make(lines, 64)
	log := logtest.Tee(t, said)
	var err error
	if r.journal, err = journal.Open(t.TempDir(), log); err != nil {
		t.Fatal(err)
	}
	r.run(t, stranger.Client("host-1"), log)
	for line := range said {
		if strings.Contains(line, "controller is away") {
			if !strings.Contains(line, "certificate") {
				t.Errorf("logged %s", line)
			}
			break
		}
	}
	if !r.fleet.None() || r.Stats().Connected {
		t.Error("the agent talks to a controller of another cloud")
	}
}
