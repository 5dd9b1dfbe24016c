package domain

import "libvirt.org/go/libvirtxml"

// Aliases of the two CD drives, by which a medium is changed: targets differ
// from bus to bus.
const (
	UserISOAlias = "ua-user-iso"
	DriveAlias   = "ua-configdrive"
)

// cdDrives gives every VM both drives, empty or not: IDE and SATA drives
// cannot be added to a running guest.
func cdDrives(s Spec, d *libvirtxml.Domain) error {
	userTarget, driveTarget := cdTargets(s.CDBus)
	user := cdDrive(UserISOAlias, userTarget, s.CDBus, s.UserISO)
	if s.UserISO != "" {
		user.Boot = &libvirtxml.DomainDeviceBoot{Order: bootUserISO}
	}
	drive := cdDrive(DriveAlias, driveTarget, s.CDBus, s.Drive.Path)
	d.Devices.Disks = append(d.Devices.Disks, user, drive)
	return nil
}

// cdDrive leaves the cache mode to QEMU: an image may lie on tmpfs, which
// takes no direct I/O.
func cdDrive(alias, target, bus, path string) libvirtxml.DomainDisk {
	e := libvirtxml.DomainDisk{
		Device:   "cdrom",
		Driver:   &libvirtxml.DomainDiskDriver{Name: "qemu", Type: "raw"},
		Target:   &libvirtxml.DomainDiskTarget{Dev: target, Bus: bus},
		ReadOnly: &libvirtxml.DomainDiskReadOnly{},
		Alias:    &libvirtxml.DomainAlias{Name: alias},
	}
	if path != "" {
		e.Source = file(path)
	}
	return e
}
