package action_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// remove is an action that does one call on the host.
func remove(id, subject string) *agentv1.Action {
	return &agentv1.Action{Id: id, Subject: subject, Epoch: 1, Act: &agentv1.Action_DeleteVolume{
		DeleteVolume: &agentv1.DeleteVolume{VolumeId: "volume-1", Pool: pool()},
	}}
}

func TestActionsOfASubjectKeepTheirOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var mu sync.Mutex
	running, most := 0, 0
	r.Before(func(_, _ string) error {
		mu.Lock()
		defer mu.Unlock()
		running++
		most = max(most, running)
		running--
		return nil
	})
	for n := range 5 {
		r.submit(remove(fmt.Sprint(n), "vm-1"))
	}
	r.outcome("4")
	results, _ := r.journal.Unacknowledged(0)
	for n, result := range results {
		if result.GetActionId() != fmt.Sprint(n) {
			t.Errorf("number %d to finish was %s", n, result.GetActionId())
		}
	}
	if most != 1 {
		t.Errorf("%d ran at one time", most)
	}
}

func TestSubjectsRunSideBySideWithinBounds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	started, release := make(chan struct{}, 8), make(chan struct{})
	r.Before(func(_, _ string) error { started <- struct{}{}; <-release; return nil })
	for n := range 3 {
		r.submit(remove(fmt.Sprint(n), fmt.Sprint("vm-", n)))
	}
	<-started
	<-started // both slots are taken
	select {
	case <-started:
		t.Error("three run in two slots")
	default:
	}
	close(release)
	for n := range 3 {
		r.outcome(fmt.Sprint(n))
	}
}

func TestARepeatOfARunningActionIsTheSameAction(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hold := r.host.Hold("DeleteVolume")
	r.submit(remove("a", "vm-1"))
	<-hold.Reached()
	for range 20 { // more than the queue has room for
		r.submit(remove("a", "vm-1"))
	}
	hold.Release()
	r.outcome("a")
	if got := r.host.Calls("DeleteVolume"); got != 1 {
		t.Errorf("it was done %d times", got)
	}
}

func TestAFullQueueMakesTheStreamWait(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hold := r.host.Hold("DeleteVolume")
	for n := range config.Queue {
		r.submit(remove(fmt.Sprint(n), "vm-1"))
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("the stream ended")
	waited := make(chan error, 1)
	go func() { waited <- r.Submit(ctx, remove("more", "vm-2")) }()
	<-hold.Reached()
	select {
	case err := <-waited:
		t.Errorf("a full queue took one more: %v", err)
	default:
	}
	cancel(reason)
	if err := <-waited; !errors.Is(err, reason) {
		t.Errorf("it waited until %v", err)
	}
	hold.Release()
	r.submit(remove("more", "vm-2"))
	r.outcome("more")
}
