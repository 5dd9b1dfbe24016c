package domain

import "libvirt.org/go/libvirtxml"

// firmware lets libvirt find the UEFI image by itself: distributions agree on
// its description, not on its path.
func firmware(s Spec, d *libvirtxml.Domain) error {
	d.OS = &libvirtxml.DomainOS{
		Type:   &libvirtxml.DomainOSType{Arch: s.Arch, Machine: s.Machine, Type: "hvm"},
		SMBios: &libvirtxml.DomainSMBios{Mode: "sysinfo"},
	}
	if s.Firmware == uefi {
		d.OS.Firmware = "efi"
	}
	d.Features = &libvirtxml.DomainFeatureList{ACPI: &libvirtxml.DomainFeature{}}
	if s.Arch == x86 {
		d.Features.APIC = &libvirtxml.DomainFeatureAPIC{}
	}
	return nil
}
