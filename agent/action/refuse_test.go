package action_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	late := remove("late", "vm-1")
	late.Deadline = timestamppb.New(time.Now().Add(-time.Minute))
	stale := remove("stale", "vm-9")
	stale.Epoch = 6
	for name, test := range map[string]struct {
		action *agentv1.Action
		want   agentv1.Kind
	}{
		"late":         {late, agentv1.Kind_KIND_TIMEOUT},
		"stale":        {stale, agentv1.Kind_KIND_CONFLICT},
		"no subject":   {remove("no-subject", ""), agentv1.Kind_KIND_MALFORMED},
		"no id":        {remove("", "vm-1"), agentv1.Kind_KIND_MALFORMED},
		"unknown kind": {&agentv1.Action{Id: "unknown", Subject: "vm-1"}, agentv1.Kind_KIND_UNSUPPORTED},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			newer := remove("newer", "vm-9")
			newer.Epoch = 7
			r.done(newer)
			calls := r.host.AllCalls()
			if got := r.do(test.action).GetFault(); got.GetKind() != test.want || got.GetMessage() == "" {
				t.Errorf("answered with %v", got)
			}
			if r.host.AllCalls() != calls {
				t.Error("the host was called")
			}
		})
	}
}

func TestWhatNamesNoFileIsInvalid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for what, spoil := range map[string]func(map[string]sample){
		"delete_volume":   func(s map[string]sample) { s["delete_volume"].action.GetDeleteVolume().VolumeId = "../etc/passwd" },
		"create_volume":   func(s map[string]sample) { s["create_volume"].action.GetCreateVolume().Pool.Path = "pools/one" },
		"build_drive":     func(s map[string]sample) { s["build_drive"].action.GetBuildDrive().InstanceName = "a/b" },
		"delete_drive":    func(s map[string]sample) { s["delete_drive"].action.GetDeleteDrive().InstanceName = "" },
		"start_vm":        func(s map[string]sample) { s["start_vm"].action.GetStartVm().Disks[0].Path = "/pools/../etc/shadow" },
		"stop_vm":         func(s map[string]sample) { s["stop_vm"].action.GetStopVm().VmId = "-x" },
		"fetch_template":  func(s map[string]sample) { s["fetch_template"].action.GetFetchTemplate().TemplateId = "a b" },
		"delete_template": func(s map[string]sample) { s["delete_template"].action.GetDeleteTemplate().Store.Path = "/a/../b" },
	} {
		all := samples()
		spoil(all)
		if got := r.do(all[what].action).GetFault(); got.GetKind() != agentv1.Kind_KIND_INVALID {
			t.Errorf("%s is answered with %v", what, got)
		}
	}
	elsewhere := samples()["build_drive"].action
	elsewhere.Id, elsewhere.GetBuildDrive().Place = "elsewhere", &agentv1.Place{Kind: 99}
	if got := r.do(elsewhere).GetFault(); got.GetKind() != agentv1.Kind_KIND_UNSUPPORTED {
		t.Errorf("a place of a newer controller is answered with %v", got)
	}
}

func TestTheDeadlineEndsAnAction(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	hold := r.host.Hold("DeleteVolume")
	defer hold.Release()
	a := remove("a", "vm-1")
	a.Deadline = timestamppb.New(time.Now().Add(50 * time.Millisecond))
	if got := r.do(a).GetFault(); got.GetKind() != agentv1.Kind_KIND_TIMEOUT {
		t.Errorf("answered with %v", got)
	}
	late := remove("b", "vm-1")
	late.Deadline = timestamppb.New(time.Now().Add(time.Second))
	hold.Release()
	r.done(late)
	r.done(remove("c", "vm-1")) // its line has moved on: a repeat is a new one
	late.Deadline = a.GetDeadline()
	r.journal.Acknowledge("b")
	if got := r.do(late); got.GetDone() == nil {
		t.Errorf("a repeat that comes after the deadline is answered with %v", got)
	}
}
