package link_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/agent/link/linktest"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func TestReports(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(r *rig) {
		r.host.vms = []domain.VM{{ID: "vm-1", Name: "i-2-1-VM", State: domain.Running, Epoch: 7, DriveSHA256: "abc"}}
	})
	s := r.fleet.Next()
	first := s.Report()
	if !first.GetComplete() || len(first.GetVms()) != 1 {
		t.Fatalf("first report: %v", first)
	}
	vm := first.GetVms()[0]
	if vm.GetVmId() != "vm-1" || vm.GetInstanceName() != "i-2-1-VM" || vm.GetState() != agentv1.VMState_VM_STATE_RUNNING ||
		vm.GetEpoch() != 7 || vm.GetDriveSha256() != "abc" {
		t.Errorf("VM %v", vm)
	}
	r.host.set(func() { r.host.err = fault.New(fault.Unavailable, "libvirt does not answer") })
	lost := s.Report()
	if lost.GetComplete() || lost.GetReason() != "libvirt does not answer" || len(lost.GetVms()) != 0 {
		t.Errorf("without the hypervisor: %v", lost)
	}
	r.host.set(func() { r.host.err = nil })
	again := s.Report()
	if !again.GetComplete() || len(again.GetVms()) != 1 || again.GetGeneration() <= lost.GetGeneration() || lost.GetGeneration() <= first.GetGeneration() {
		t.Errorf("after it came back: %v", again)
	}
	if got := r.Stats(); got.Complete < 2 || got.Incomplete != 1 || got.LastComplete.IsZero() {
		t.Errorf("stats: %+v", got)
	}
}

func TestChangesAreGathered(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	s := r.fleet.Next()
	started := time.Now()
	s.Report()
	for n := range 1000 {
		r.host.set(func() { r.host.vms = make([]domain.VM, n+1) })
	}
	reports := 0
	for len(s.Report().GetVms()) != 1000 {
		reports++
	}
	if most := int(time.Since(started)/(200*time.Millisecond)) + 1; reports > most {
		t.Errorf("%d reports in %s", reports, time.Since(started))
	}
}

func TestHeartbeatsBringChangedFacts(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(r *rig) {
		r.fleet.Welcome = &agentv1.Welcome{Heartbeat: durationpb.New(10 * time.Millisecond), Report: durationpb.New(20 * time.Millisecond)}
	})
	s := r.fleet.Next()
	if got := s.Heartbeat(); got.GetFacts() != nil {
		t.Errorf("facts without a change: %v", got)
	}
	r.host.set(func() { r.host.facts.CPUs = 8 })
	for s.Heartbeat().GetFacts().GetCpus() != 8 { // a test that waits in vain ends by itself
	}
}

func TestAHostWithoutHypervisorStillConnects(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(r *rig) { r.host.err = errors.New("no such socket") })
	s := r.fleet.Next()
	if got := s.Hello.GetFacts(); got.GetName() != "node-1" || got.GetCpus() != 0 {
		t.Errorf("facts %v", got)
	}
	if got := s.Report(); got.GetComplete() || got.GetReason() == "" {
		t.Errorf("report %v", got)
	}
	r.host.set(func() { r.host.err = nil })
	if got := s.Heartbeat().GetFacts(); got.GetCpus() != 4 {
		t.Errorf("facts %v once it is there", got)
	}
}

func TestAReportIsNeverOlderThanTheOutcomeBeforeIt(t *testing.T) {
	t.Parallel()
	listed, sent := make(chan struct{}), make(chan struct{})
	r := newRig(t, func(r *rig) {
		looks := 0
		r.host.listing = func() {
			if looks++; looks == 2 { // between the look at the host and the report
				close(listed)
				<-sent
			}
		}
	})
	s := r.fleet.Next()
	s.Report()
	r.host.set(func() {})
	<-listed
	r.finishWith(t, "start", &agentv1.Done{What: &agentv1.Done_StartVm{StartVm: &agentv1.StartVMDone{}}})
	s.Result()
	r.host.set(func() { r.host.vms = []domain.VM{{ID: "vm-1"}} })
	close(sent)
	if got := s.Report(); len(got.GetVms()) != 1 {
		t.Errorf("after the outcome of a start came %v", got)
	}
}

func TestAReportThatIsOutrunSaysSo(t *testing.T) {
	t.Parallel()
	streams := make(chan *linktest.Stream, 1)
	r := newRig(t, func(r *rig) {
		var s *linktest.Stream
		looks := 0
		r.host.listing = func() {
			if looks++; looks == 1 {
				return
			}
			if s == nil {
				s = <-streams
			}
			r.finishWith(t, fmt.Sprint("stop-", looks), &agentv1.Done{What: &agentv1.Done_StopVm{StopVm: &agentv1.StopVMDone{}}})
			s.Result()
		}
	})
	s := r.fleet.Next()
	s.Report()
	streams <- s
	r.host.set(func() {})
	if got := s.Report(); got.GetComplete() || got.GetReason() == "" || len(got.GetVms()) != 0 {
		t.Errorf("while VMs stop all the time comes %v", got)
	}
}
