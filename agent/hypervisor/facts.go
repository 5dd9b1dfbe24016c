package hypervisor

import (
	"context"
	"errors"
	"fmt"

	"libvirt.org/go/libvirt"

	"github.com/cairn-kvm/cairn/agent/domain"
)

// machine is what libvirt itself says of its host.
type machine struct {
	node          libvirt.NodeInfo
	memory        uint64 // KiB
	libvirt, qemu uint32
	offers        error // why libvirt does not offer KVM; nil where it does
}

// Facts tells what the host has to offer, or why that cannot be said.
func (h *Host) Facts(ctx context.Context) (domain.Facts, error) {
	m, err := h.machine(ctx)
	if err != nil {
		return domain.Facts{}, fmt.Errorf("read the host's facts: %w", err)
	}
	bridges, err := bridges(h.config.Sys)
	if err != nil {
		return domain.Facts{}, fmt.Errorf("read the host's facts: %w", err)
	}
	why := h.whyNoKVM(m.node.Model, m.offers)
	return domain.Facts{
		CPUs: m.node.Cpus, MHz: m.node.MHz, MemoryBytes: m.memory << 10,
		KVM: why == "", WhyNoKVM: why,
		HypervisorVersion: version(m.qemu), LibvirtVersion: version(m.libvirt),
		Arch: m.node.Model, Bridges: bridges,
	}, nil
}

// machine has StartTimeout: the first question about a QEMU that libvirt has
// not met has it probe that.
func (h *Host) machine(ctx context.Context) (machine, error) {
	return call(ctx, h, "ConnectGetDomainCapabilities", h.config.StartTimeout,
		func(_ context.Context, conn *libvirt.Connect) (m machine, err error) {
			node, err := conn.GetNodeInfo()
			if err != nil {
				return machine{}, err
			}
			m.node = *node
			if m.memory, err = memoryOf(conn, node); err != nil {
				return machine{}, err
			}
			if m.libvirt, err = conn.GetLibVersion(); err != nil {
				return machine{}, err
			}
			if m.qemu, err = conn.GetVersion(); err != nil {
				return machine{}, err
			}
			_, m.offers = conn.GetDomainCapabilities("", node.Model, "", "kvm", 0)
			if gone(m.offers) {
				return machine{}, m.offers
			}
			return m, nil
		})
}

// memoryOf is what the kernel has. NodeInfo's is that of the first NUMA cells
// that firmware described: memory that was added to a running host is missing.
func memoryOf(conn *libvirt.Connect, node *libvirt.NodeInfo) (kib uint64, err error) {
	stats, err := conn.GetMemoryStats(libvirt.NODE_MEMORY_STATS_ALL_CELLS, 0)
	if errors.Is(err, libvirt.ERR_NO_SUPPORT) || (err == nil && !stats.TotalSet) {
		return node.Memory, nil
	}
	if err != nil {
		return 0, err
	}
	return stats.Total, nil
}

// version of libvirt's number: 1,000,000 × major + 1,000 × minor + release.
func version(number uint32) string {
	return fmt.Sprintf("%d.%d.%d", number/1_000_000, number/1000%1000, number%1000)
}
