package domain

import "libvirt.org/go/libvirtxml"

// rng spares a fresh guest the wait for entropy before its first SSH host key.
func rng(_ Spec, d *libvirtxml.Domain) error {
	d.Devices.RNGs = append(d.Devices.RNGs, libvirtxml.DomainRNG{
		Model:   virtio,
		Backend: &libvirtxml.DomainRNGBackend{Random: &libvirtxml.DomainRNGBackendRandom{Device: "/dev/urandom"}},
	})
	return nil
}
