package link

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

const (
	// lookPause is the least time between two reports, however much changes.
	lookPause = 200 * time.Millisecond
	// lookWithin bounds one look at the host.
	lookWithin = 30 * time.Second
	// maxLooks is how often a report is made anew because VMs moved meanwhile.
	maxLooks = 5
	// firstLook bounds the look before Hello, which may go without.
	firstLook = 5 * time.Second
)

// watch reports at the start, at every change and at every interval. It runs
// beside the sender, so that a hypervisor that hangs stops no heartbeat.
func (s *session) watch(ctx context.Context) {
	interval := time.NewTicker(s.report)
	defer interval.Stop()
	for {
		s.tellVMs(ctx)
		select {
		case <-time.After(lookPause):
		case <-ctx.Done():
			return
		}
		select {
		case <-s.host.Changes():
			if s.facts.Load() == nil { // the hypervisor was away until now
				s.tellFacts(ctx)
			}
		case <-interval.C:
			s.tellFacts(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// tellVMs sends a report. One that was made before a VM was started or
// stopped, and would be sent after the controller has heard of that, would
// show the VM missing or running: then the host is looked at again.
func (s *session) tellVMs(ctx context.Context) {
	for range maxLooks {
		asOf := s.moved.Load()
		report := s.newReport(ctx)
		if s.hand(ctx, wireReport(report), asOf) || ctx.Err() != nil {
			return
		}
	}
	report := &agentv1.Report{Generation: s.generation.Add(1), Reason: "VMs started or stopped whenever they were listed"}
	s.hand(ctx, wireReport(report), always)
}

// tellFacts sends what the host is, where that has changed.
func (s *session) tellFacts(ctx context.Context) {
	looking, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	facts, changed := s.newFacts(looking)
	if !changed {
		return
	}
	message := &agentv1.FromAgent{Body: &agentv1.FromAgent_Heartbeat{Heartbeat: &agentv1.Heartbeat{Facts: facts}}}
	s.hand(ctx, message, always)
}

func wireReport(report *agentv1.Report) *agentv1.FromAgent {
	return &agentv1.FromAgent{Body: &agentv1.FromAgent_Report{Report: report}}
}

// hand gives a message to the sender, and reports whether it took it.
func (s *session) hand(ctx context.Context, message *agentv1.FromAgent, asOf uint64) bool {
	next := outgoing{message, asOf, make(chan bool, 1)}
	select {
	case s.outgoing <- next:
	case <-ctx.Done():
		return false
	}
	select {
	case taken := <-next.taken:
		return taken
	case <-ctx.Done():
		return false
	}
}

// newReport lists the VMs, or says why it cannot: then without any.
func (s *session) newReport(ctx context.Context) *agentv1.Report {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	report := &agentv1.Report{Generation: s.generation.Add(1)}
	vms, err := s.host.VMs(ctx)
	if err != nil {
		s.incomplete.Add(1)
		s.log.Warn("report is not complete", "generation", report.GetGeneration(), "err", err)
		report.Reason = fault.Message(err)
		return report
	}
	s.complete.Add(1)
	s.lastComplete.Store(time.Now().UnixNano())
	report.Complete = true
	for _, vm := range vms {
		report.Vms = append(report.Vms, wireVM(vm))
	}
	return report
}

// firstFacts are for Hello: what is known when the hypervisor is away, and in
// any case who and where the host is.
func (s *session) firstFacts(ctx context.Context) *agentv1.HostFacts {
	ctx, cancel := context.WithTimeout(ctx, firstLook)
	defer cancel()
	s.newFacts(ctx)
	facts := &agentv1.HostFacts{Name: s.config.Name}
	if known := s.facts.Load(); known != nil {
		facts = proto.CloneOf(known)
	}
	facts.Address = s.address
	return facts
}

// newFacts looks at the host, and reports whether it differs from what was known.
func (s *session) newFacts(ctx context.Context) (*agentv1.HostFacts, bool) {
	found, err := s.host.Facts(ctx)
	if err != nil {
		s.log.Warn("facts of the host are not known", "err", err)
		return nil, false
	}
	facts := Facts(found, s.config.Name)
	facts.Address = s.address
	known := s.facts.Swap(facts)
	if !facts.GetKvm() && (known == nil || known.GetKvm()) {
		s.log.Warn("guests are emulated, and slow", "why", found.WhyNoKVM)
	}
	return facts, !proto.Equal(known, facts)
}

// Facts gives the wire form of what a host is.
func Facts(f domain.Facts, name string) *agentv1.HostFacts {
	return &agentv1.HostFacts{
		Name:              name,
		Cpus:              uint32(f.CPUs),
		CpuMhz:            uint32(f.MHz),
		MemoryBytes:       f.MemoryBytes,
		Kvm:               f.KVM,
		HypervisorVersion: f.HypervisorVersion,
		LibvirtVersion:    f.LibvirtVersion,
		Bridges:           f.Bridges,
		Arch:              f.Arch,
	}
}

func wireVM(vm domain.VM) *agentv1.VMReport {
	return &agentv1.VMReport{
		VmId:         vm.ID,
		InstanceName: vm.Name,
		State:        wireState(vm.State),
		Epoch:        vm.Epoch,
		DriveSha256:  vm.DriveSHA256,
	}
}

func wireState(s domain.State) agentv1.VMState {
	switch s {
	case domain.Running:
		return agentv1.VMState_VM_STATE_RUNNING
	case domain.Paused:
		return agentv1.VMState_VM_STATE_PAUSED
	case domain.Stopped:
		return agentv1.VMState_VM_STATE_STOPPED
	}
	return agentv1.VMState_VM_STATE_UNSPECIFIED
}
