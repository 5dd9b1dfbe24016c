package domain

import "libvirt.org/go/libvirtxml"

// cpu gives all CPUs in one socket: desktop editions of Windows use no more
// than two sockets, whatever is in them.
func cpu(s Spec, d *libvirtxml.Domain) error {
	d.VCPU = &libvirtxml.DomainVCPU{Value: s.CPUs}
	d.CPU = &libvirtxml.DomainCPU{
		Mode:     cpuMode(s),
		Topology: &libvirtxml.DomainCPUTopology{Sockets: 1, Cores: int(s.CPUs), Threads: 1},
	}
	if s.MHz > 0 {
		d.CPUTune = &libvirtxml.DomainCPUTune{Shares: &libvirtxml.DomainCPUTuneShares{Value: shares(s.CPUs, s.MHz)}}
	}
	return nil
}

// cpuMode: host-model lets a guest move to any host with at least these
// features. libvirt has no host-model for ARM. Without hardware the guest gets
// all that the emulator can do.
func cpuMode(s Spec) string {
	switch {
	case !s.KVM:
		return "maximum"
	case s.Arch == arm:
		return "host-passthrough"
	}
	return "host-model"
}

// shares weighs a guest against the others of its host by what was sold. One
// share is 50 MHz, so that a VM of 255 CPUs at 1.9 GHz still fits the scale of
// control groups v2, which ends at 10,000 (v1 has 2 to 262,144).
func shares(cpus, mhz uint) uint {
	return min(max(cpus*mhz/50, 2), 10_000)
}
