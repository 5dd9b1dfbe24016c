package domain

import "libvirt.org/go/libvirtxml"

func memory(s Spec, d *libvirtxml.Domain) error {
	kib := (s.MemoryBytes + 1023) / 1024
	d.Memory = &libvirtxml.DomainMemory{Value: uint(kib), Unit: "KiB"}
	return nil
}

func balloon(_ Spec, d *libvirtxml.Domain) error {
	d.Devices.MemBalloon = &libvirtxml.DomainMemBalloon{Model: virtio}
	return nil
}
