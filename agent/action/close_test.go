package action_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/cairn-kvm/cairn/agent/action"
	"github.com/cairn-kvm/cairn/agent/sim"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func TestCloseLetsRunningActionsEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hold := r.host.Hold("DeleteVolume")
	r.submit(remove("running", "vm-1"))
	r.submit(remove("waiting", "vm-1"))
	<-hold.Reached()
	closed := make(chan error, 1)
	go func() { closed <- r.Close(t.Context()) }()
	for r.Submit(t.Context(), remove("new", "vm-2")) == nil { // until Close is heard
		runtime.Gosched()
	}
	hold.Release()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if got := r.outcome("running"); got.GetDone() == nil {
		t.Errorf("the running action ended with %v", got)
	}
	results, _ := r.journal.Unacknowledged(0)
	for _, result := range results {
		if result.GetActionId() == "waiting" {
			t.Error("an action was begun while the runner closed")
		}
	}
}

func TestWhatIsCutShortStaysInDoubt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hold := r.host.Hold("DeleteVolume")
	r.submit(remove("a", "vm-1"))
	<-hold.Reached()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Close(over); err != nil {
		t.Error(err)
	}
	if left, _ := r.journal.Unacknowledged(0); len(left) != 0 {
		t.Errorf("an outcome was made up: %v", left)
	}
	hold.Release()
	heir := on(t, r.host, copyOf(t, r.dir), &bytes.Buffer{})
	heir.done(remove("a", "vm-1"))
}

func TestAHungActionHoldsUpItsSubjectOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, release := newFakeJournal(), make(chan struct{})
		r := newRunner(sim.New(sim.Config{}), j, quiet)
		r.Before(func(kind, _ string) error {
			if kind == "stop_vm" {
				<-release
			}
			return nil
		})
		for n := range config.Parallel { // every slot
			hang := &agentv1.Action{Id: fmt.Sprint("hang-", n), Subject: fmt.Sprint("vm-", n), Act: &agentv1.Action_StopVm{StopVm: &agentv1.StopVM{VmId: "x"}}}
			hang.Deadline = timestamppb.New(time.Now().Add(time.Minute))
			if err := r.Submit(t.Context(), hang); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		for _, a := range []*agentv1.Action{remove("behind", "vm-0"), remove("beside", "vm-9")} {
			if err := r.Submit(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		started := time.Now()
		if got := <-j.results; got.GetActionId() != "beside" || time.Since(started) != time.Minute+action.Hangs {
			t.Errorf("after %s came %v", time.Since(started), got)
		}
		close(release)
		synctest.Wait()
		if got := len(j.results); got != 3 {
			t.Errorf("%d outcomes came in the end", got)
		}
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestCloseGivesUpOnWhatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, release := newFakeJournal(), make(chan struct{})
		r := newRunner(sim.New(sim.Config{}), j, quiet)
		r.Before(func(string, string) error { <-release; return nil })
		if err := r.Submit(t.Context(), remove("a", "vm-1")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		drain, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		started := time.Now()
		if err := r.Close(drain); !fault.Is(err, fault.Timeout) || time.Since(started) != time.Minute+action.Hangs {
			t.Errorf("after %s: %v", time.Since(started), err)
		}
		close(release)
	})
}
