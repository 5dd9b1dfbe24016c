package action

import (
	"context"
	"path/filepath"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// startVM makes a domain, starts it, and looks whether it lives.
func startVM(host Host, config Config, a *agentv1.Action) (plan, error) {
	s := &starting{host: host.Hypervisor, spec: domainSpec(a.GetStartVm(), a.GetEpoch(), config)}
	s.told.ConsoleLog = s.spec.ConsoleLog
	return plan{
		steps: []step{
			{name: "look at host", do: s.look},
			{name: "start domain", do: s.start, undo: s.stop},
			{name: "look at domain", do: s.confirm},
		},
		done: &agentv1.Done{What: &agentv1.Done_StartVm{StartVm: &s.told}},
	}, checkStart(a.GetStartVm())
}

// starting is one start under way.
type starting struct {
	host  Hypervisor
	spec  domain.Spec
	stood bool // the domain was there before
	told  agentv1.StartVMDone
}

func (s *starting) look(ctx context.Context) error {
	facts, err := s.host.Facts(ctx)
	if err != nil {
		return err
	}
	s.spec.Arch, s.spec.KVM = facts.Arch, facts.KVM
	s.told.Emulated = !facts.KVM
	_, s.stood, err = s.host.VM(ctx, s.spec.VM)
	return err
}

func (s *starting) start(ctx context.Context) error { return s.host.Start(ctx, s.spec) }

// stop takes a start back, but never ends a VM that ran before.
func (s *starting) stop(ctx context.Context) error {
	if s.stood {
		return nil
	}
	_, err := s.host.Stop(ctx, s.spec.VM, true, 0)
	return err
}

// confirm finds out about a guest that died at once, which a start does not tell.
func (s *starting) confirm(ctx context.Context) error {
	vm, found, err := s.host.VM(ctx, s.spec.VM)
	if err == nil && (!found || vm.State == domain.Stopped) {
		err = fault.New(fault.Unavailable, "VM %s ended right after it was started", s.spec.Name)
	}
	return err
}

func checkStart(a *agentv1.StartVM) error {
	problems := []error{checkName("VM id", a.GetVmId()), checkName("instance name", a.GetInstanceName())}
	for _, disk := range a.GetDisks() {
		problems = append(problems, checkPath("the path of disk "+disk.GetVolumeId(), disk.GetPath()))
	}
	if a.GetUserIso() != "" {
		problems = append(problems, checkPath("the user's ISO", a.GetUserIso()))
	}
	if a.GetDrive().GetPath() != "" {
		problems = append(problems, checkPath("the drive's image", a.GetDrive().GetPath()))
	}
	return all(problems...)
}

func domainSpec(a *agentv1.StartVM, epoch uint64, config Config) domain.Spec {
	spec := domain.Spec{
		VM: a.GetVmId(), Name: a.GetInstanceName(), Epoch: epoch,
		CPUs: uint(a.GetCpus()), MHz: uint(a.GetCpuMhz()), MemoryBytes: a.GetMemoryBytes(),
		Machine: a.GetMachine(), Firmware: a.GetFirmware(), CDBus: a.GetCdBus(),
		UserISO:    a.GetUserIso(),
		Drive:      domain.Drive{Path: a.GetDrive().GetPath(), SHA256: a.GetDrive().GetSha256()},
		ConsoleLog: filepath.Join(config.ConsoleDir, a.GetInstanceName()+".log"),
	}
	for _, disk := range a.GetDisks() {
		spec.Disks = append(spec.Disks, domain.Disk{
			Path: disk.GetPath(), Format: disk.GetFormat(), Bus: disk.GetBus(),
			Serial: disk.GetVolumeId(), Device: uint(disk.GetDevice()),
		})
	}
	for _, nic := range a.GetNics() {
		spec.NICs = append(spec.NICs, domain.NIC{
			MAC: nic.GetMac(), Bridge: orElse(nic.GetBridge(), config.Bridge), Model: nic.GetModel(),
			MTU: uint(nic.GetMtu()), Device: uint(nic.GetDevice()),
		})
	}
	return spec
}

func orElse(given, otherwise string) string {
	if given == "" {
		return otherwise
	}
	return given
}
