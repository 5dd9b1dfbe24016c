// Package domain turns what a VM shall be into libvirt domain XML, and reads
// back who a domain is. It is pure: it touches neither libvirt nor the host.
//
// The XML is put together by small configurators, one per group of devices and
// one file each; the order of [configurators] is the order of the devices.
// What the VM is, and which drive it has, is kept in the domain's metadata
// under a namespace of our own, so that a host can be asked about its VMs
// without anything that the agent might have lost.
//
// In:  a [Spec], from package action.
// Out: domain XML, to package hypervisor; [VM] and [Facts], from there to action and link.
package domain

import (
	"fmt"

	"libvirt.org/go/libvirtxml"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// A Spec is what a VM shall be. Empty strings of machine kind are chosen:
// x86_64, BIOS on pc, UEFI on q35, and the CD bus that the machine has.
type Spec struct {
	VM          string // uuid: the domain's, the firmware's and cloud-init's
	Name        string // instance name, such as i-2-4-VM
	Epoch       uint64 // fencing epoch of the action that starts it
	CPUs        uint
	MHz         uint // of one CPU: its weight among the host's guests; 0: all alike
	MemoryBytes uint64
	Arch        string // x86_64, aarch64
	Machine     string // pc, q35, virt
	Firmware    string // bios, uefi
	CDBus       string // ide, sata, scsi
	KVM         bool   // false: emulated
	Disks       []Disk
	NICs        []NIC
	UserISO     string // path; empty: the first CD drive is empty
	Drive       Drive  // empty path: the second CD drive is empty
	ConsoleLog  string // path; empty: the console is not recorded
}

// A Drive is the image in the VM's second CD drive.
type Drive struct{ Path, SHA256 string }

// A Disk is a volume of the VM. Device 0 is the one to boot from. Serial may
// be the volume's id: the guest sees its first 20 characters without dashes,
// as CloudStack's guests do, since virtio-blk has room for no more.
type Disk struct {
	Path   string
	Format string // qcow2, raw
	Bus    string // virtio where empty; ide, sata, scsi
	Serial string
	Device uint
}

// A NIC is a network interface on a bridge of the host. Device 0 is eth0.
type NIC struct {
	MAC    string
	Bridge string
	Model  string // virtio where empty; e1000, e1000e, rtl8139
	MTU    uint   // 0: the bridge's
	Device uint
}

// A configurator adds its group of elements to the domain.
type configurator func(Spec, *libvirtxml.Domain) error

var configurators = []configurator{
	identity, metadata, memory, cpu, firmware, smbios, clock, lifecycle,
	scsiController, disks, cdDrives, nics, console, guestAgent, video, balloon, rng,
}

// XML gives the domain's definition. A spec that no domain can come from is
// refused with Invalid.
func XML(s Spec) (string, error) {
	s = s.chosen()
	if err := s.check(); err != nil {
		return "", err
	}
	d := &libvirtxml.Domain{Devices: &libvirtxml.DomainDeviceList{}}
	for _, configure := range configurators {
		if err := configure(s, d); err != nil {
			return "", fmt.Errorf("describe VM %s: %w", s.VM, err)
		}
	}
	text, err := d.Marshal()
	if err != nil {
		return "", fault.Wrap(fault.Internal, err, "the domain XML of VM %s cannot be written", s.VM)
	}
	return text, nil
}

func identity(s Spec, d *libvirtxml.Domain) error {
	d.Type = "qemu"
	if s.KVM {
		d.Type = "kvm"
	}
	d.Name, d.UUID = s.Name, s.VM
	return nil
}

// lifecycle: the domain is transient, so that a guest that powers off or
// crashes leaves nothing behind; a reboot from inside is the same start.
func lifecycle(_ Spec, d *libvirtxml.Domain) error {
	d.OnPoweroff, d.OnReboot, d.OnCrash = "destroy", "restart", "destroy"
	return nil
}
