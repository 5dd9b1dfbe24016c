package hypervisor_test

import (
	"context"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestStop(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	for name, tt := range map[string]struct {
		code        []byte
		forced      bool
		grace       time.Duration
		least, most time.Duration
	}{
		"a guest that obeys":        {obedient, false, time.Minute, 0, 40 * time.Second},
		"a guest that is deaf":      {deaf, false, time.Second, time.Second, 20 * time.Second},
		"no grace":                  {deaf, false, 0, 0, 20 * time.Second},
		"a guest that is not asked": {obedient, true, time.Minute, 0, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			spec := shared.guest(t, tt.code)
			start(t, hv, spec)
			booted(t, spec)
			began := time.Now()
			was, err := hv.Stop(t.Context(), spec.VM, tt.forced, tt.grace)
			took := time.Since(began)
			t.Logf("stopped in %s", took)
			if !was || err != nil || took < tt.least || took > tt.most {
				t.Errorf("got %v, %v after %s", was, err, took)
			}
			if _, found, err := hv.VM(t.Context(), spec.VM); found || err != nil {
				t.Errorf("it is still there: %v, %v", found, err)
			}
			if was, err := hv.Stop(t.Context(), spec.VM, tt.forced, tt.grace); was || err != nil {
				t.Errorf("a second stop says %v, %v", was, err)
			}
		})
	}
}

// A paused guest cannot answer: no grace is wasted on it.
func TestStopPaused(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	spec := shared.guest(t, obedient)
	start(t, hv, spec)
	shared.virsh(t, "suspend", spec.Name)
	if vm, _, err := hv.VM(t.Context(), spec.VM); vm.State != domain.Paused || err != nil {
		t.Errorf("a VM that is paused is %v, %v", vm.State, err)
	}
	began := time.Now()
	if was, err := hv.Stop(t.Context(), spec.VM, false, time.Minute); !was || err != nil || time.Since(began) > 20*time.Second {
		t.Errorf("got %v, %v after %s", was, err, time.Since(began))
	}
}

// The end of a VM by another hand ends the wait for it.
func TestStopWhileSomebodyElseDoes(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	spec := shared.guest(t, deaf)
	start(t, hv, spec)
	stopped := make(chan error, 1)
	go func() {
		_, err := hv.Stop(t.Context(), spec.VM, false, time.Minute)
		stopped <- err
	}()
	shared.virsh(t, "destroy", spec.Name)
	select {
	case err := <-stopped:
		if err != nil {
			t.Error(err)
		}
	case <-within(t, 20*time.Second).Done():
		t.Error("it still waits for the grace to end")
	}
}

// Nobody pulls the plug after the caller has given up.
func TestStopGivenUp(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	spec := shared.guest(t, deaf)
	start(t, hv, spec)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if _, err := hv.Stop(ctx, spec.VM, false, time.Minute); !fault.Is(err, fault.Timeout) {
		t.Errorf("got %v", err)
	}
	if _, found, err := hv.VM(t.Context(), spec.VM); !found || err != nil {
		t.Errorf("the VM is gone: %v, %v", found, err)
	}
}

// A definition that somebody made of a running VM of ours does not outlive it.
func TestStopRemovesDefinition(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	spec := shared.guest(t, deaf)
	start(t, hv, spec)
	shared.define(t, spec)
	if was, err := hv.Stop(t.Context(), spec.VM, true, 0); !was || err != nil {
		t.Errorf("got %v, %v", was, err)
	}
	if vm, found, err := hv.VM(t.Context(), spec.VM); found || err != nil {
		t.Errorf("left: %+v, %v", vm, err)
	}
}
