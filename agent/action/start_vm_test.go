package action_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func TestAStartedVMThatDiesIsTakenBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := r.prepare("start_vm")
	before := r.host.Snapshot()
	r.Before(func(_, step string) error {
		if step == "look at domain" {
			r.host.Crash(vmID)
		}
		return nil
	})
	if got := r.do(a).GetFault(); got.GetKind() != agentv1.Kind_KIND_UNAVAILABLE || !strings.Contains(got.GetMessage(), "i-2-1-VM ended") {
		t.Errorf("answered with %v", got)
	}
	if after := r.host.Snapshot(); len(after) != len(before) {
		t.Errorf("left behind: %v", after)
	}
}

func TestARunningVMIsNeverTakenBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := r.prepare("start_vm")
	r.done(a)
	r.host.Fail("VM", 2, fault.New(fault.Unavailable, "libvirt is away")) // the look after the start
	if got := r.do(withID(a, "again")).GetFault(); got.GetKind() != agentv1.Kind_KIND_UNAVAILABLE {
		t.Errorf("answered with %v", got)
	}
	if _, running := r.host.Spec(vmID); !running {
		t.Error("a VM that ran before was ended")
	}
}

func TestWhatAStartedVMIsMadeOf(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	done := r.done(r.prepare("start_vm")).GetStartVm()
	if done.GetEmulated() || done.GetConsoleLog() != "/var/log/console/i-2-1-VM.log" {
		t.Errorf("told %v", done)
	}
	spec, _ := r.host.Spec(vmID)
	if spec.Epoch != 1 || !spec.KVM || spec.Arch != "x86_64" || spec.NICs[0].Bridge != "br0" || spec.Disks[0].Serial != "volume-1" {
		t.Errorf("made %+v", spec)
	}
	if medium, _ := r.host.Medium(vmID); !bytes.Contains(medium, []byte(password)) {
		t.Error("the guest has no password on its drive")
	}
}
