package domain

import (
	"cmp"
	"slices"
)

const (
	x86, arm                 = "x86_64", "aarch64"
	pc, q35, virt            = "pc", "q35", "virt"
	bios, uefi               = "bios", "uefi"
	virtio                   = "virtio"
	ide, sata, scsi          = "ide", "sata", "scsi"
	defaultNICModel          = virtio
	defaultDiskBus           = virtio
	defaultDiskFormat        = "qcow2"
	maxCPUs                  = 255      // of pc; q35 and virt take more only with further devices
	leastMemory              = 16 << 20 // less starts no firmware worth the name
	mostMemory        uint64 = 16 << 40 // beyond any host, and still far from an overflow in KiB
)

// chosen fills in what the spec leaves open, and brings disks and NICs into
// the order of their device numbers, which is the order in which guests find
// them.
func (s Spec) chosen() Spec {
	s.Arch = cmp.Or(s.Arch, x86)
	s.Machine = cmp.Or(s.Machine, machineOf(s.Arch, s.Firmware))
	s.Firmware = cmp.Or(s.Firmware, firmwareOf(s.Machine))
	s.CDBus = cmp.Or(s.CDBus, cdBusOf(s.Machine))
	s.Disks = slices.Clone(s.Disks)
	for i := range s.Disks {
		s.Disks[i].Bus = cmp.Or(s.Disks[i].Bus, defaultDiskBus)
		s.Disks[i].Format = cmp.Or(s.Disks[i].Format, defaultDiskFormat)
	}
	slices.SortStableFunc(s.Disks, func(a, b Disk) int { return cmp.Compare(a.Device, b.Device) })
	s.NICs = slices.Clone(s.NICs)
	for i := range s.NICs {
		s.NICs[i].Model = cmp.Or(s.NICs[i].Model, defaultNICModel)
	}
	slices.SortStableFunc(s.NICs, func(a, b NIC) int { return cmp.Compare(a.Device, b.Device) })
	return s
}

// machineOf: UEFI goes with q35, as in CloudStack, for its firmware images
// are built for that chipset.
func machineOf(arch, firmware string) string {
	switch {
	case arch == arm:
		return virt
	case firmware == uefi:
		return q35
	}
	return pc
}

// firmwareOf: a q35 asked for by name may still have a BIOS; virt has none.
func firmwareOf(machine string) string {
	if machine == virt {
		return uefi
	}
	return bios
}

// cdBusOf gives the bus that every guest of the machine can be expected to
// have a driver for. Debian's cloud kernel lacks the one for SATA: its
// templates ask for scsi on q35.
func cdBusOf(machine string) string {
	switch machine {
	case q35:
		return sata
	case virt:
		return scsi
	}
	return ide
}
