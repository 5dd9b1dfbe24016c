package domain

import "libvirt.org/go/libvirtxml"

// clock: the timers make up for ticks that a busy host withheld, and spare
// Windows the costly HPET. They are of KVM on x86 only.
func clock(s Spec, d *libvirtxml.Domain) error {
	d.Clock = &libvirtxml.DomainClock{Offset: "utc"}
	if s.KVM && s.Arch == x86 {
		d.Clock.Timer = []libvirtxml.DomainTimer{
			{Name: "rtc", TickPolicy: "catchup"},
			{Name: "pit", TickPolicy: "delay"},
			{Name: "hpet", Present: "no"},
		}
	}
	return nil
}
