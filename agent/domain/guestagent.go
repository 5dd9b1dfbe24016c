package domain

import "libvirt.org/go/libvirtxml"

// guestAgent is the channel that qemu-guest-agent looks for by this name.
// libvirt chooses the socket's path and owner.
func guestAgent(_ Spec, d *libvirtxml.Domain) error {
	d.Devices.Channels = append(d.Devices.Channels, libvirtxml.DomainChannel{
		Source: &libvirtxml.DomainChardevSource{UNIX: &libvirtxml.DomainChardevSourceUNIX{}},
		Target: &libvirtxml.DomainChannelTarget{VirtIO: &libvirtxml.DomainChannelTargetVirtIO{Name: "org.qemu.guest_agent.0"}},
	})
	return nil
}
