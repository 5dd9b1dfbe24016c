package domain

import "libvirt.org/go/libvirtxml"

// Product is what guests read as the name of their hardware. It does not begin
// with "CloudStack": cloud-init takes that for CloudStack's metadata server
// and asks no further. A config drive it finds by the label of its file
// system, whatever the hardware is called.
const (
	Manufacturer = "Cairn"
	Product      = "Cairn KVM Hypervisor"
)

// smbios repeats the VM's uuid, which cloud-init compares with the drive's to
// tell a copy of a VM from the VM.
func smbios(s Spec, d *libvirtxml.Domain) error {
	d.SysInfo = []libvirtxml.DomainSysInfo{{SMBIOS: &libvirtxml.DomainSysInfoSMBIOS{
		System: &libvirtxml.DomainSysInfoSystem{Entry: []libvirtxml.DomainSysInfoEntry{
			{Name: "manufacturer", Value: Manufacturer},
			{Name: "product", Value: Product},
			{Name: "uuid", Value: s.VM},
		}},
	}}}
	return nil
}
