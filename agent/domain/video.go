package domain

import "libvirt.org/go/libvirtxml"

// video is an adapter that nobody looks at: boot loaders and Windows write to
// the screen through its firmware, and some wait for ever where there is none.
// There is no graphics device: it would listen on a socket of the host.
func video(s Spec, d *libvirtxml.Domain) error {
	model := "vga"
	if s.Arch == arm {
		model = virtio // the only one that ARM's firmware and guests agree on
	}
	d.Devices.Videos = append(d.Devices.Videos, libvirtxml.DomainVideo{Model: libvirtxml.DomainVideoModel{Type: model}})
	return nil
}
