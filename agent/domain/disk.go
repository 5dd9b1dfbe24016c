package domain

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"libvirt.org/go/libvirtxml"
)

// Boot orders: the user's ISO comes first while there is one, for who inserts
// an ISO wants to boot it; firmware passes over one that cannot boot. Data
// disks and the config drive are in no boot order.
const (
	bootUserISO = 1
	bootRoot    = 2
)

const serialLength = 20

var serialText = regexp.MustCompile(`^[A-Za-z0-9_.+ -]*$`)

func disks(s Spec, d *libvirtxml.Domain) error {
	taken := targets{}
	taken.claimDrives(s.CDBus)
	for i, disk := range s.Disks {
		if i > 0 && s.Disks[i-1].Device == disk.Device {
			return invalid("two disks have the device number %d", disk.Device)
		}
		if err := disk.check(s.Machine); err != nil {
			return err
		}
		target, err := taken.next(disk)
		if err != nil {
			return err
		}
		d.Devices.Disks = append(d.Devices.Disks, disk.element(target))
	}
	return nil
}

// element: no page cache on the host, so that what the guest flushed is on the
// disk and a migrated guest reads no stale page; discards reach the image file.
func (disk Disk) element(target string) libvirtxml.DomainDisk {
	e := libvirtxml.DomainDisk{
		Device: "disk",
		Driver: &libvirtxml.DomainDiskDriver{Name: "qemu", Type: disk.Format, Cache: "none", Discard: "unmap"},
		Source: file(disk.Path),
		Target: &libvirtxml.DomainDiskTarget{Dev: target, Bus: disk.Bus},
		Serial: disk.serial(),
		Alias:  &libvirtxml.DomainAlias{Name: "ua-disk-" + strconv.FormatUint(uint64(disk.Device), 10)},
	}
	if disk.Device == 0 {
		e.Boot = &libvirtxml.DomainDeviceBoot{Order: bootRoot}
	}
	return e
}

func (disk Disk) serial() string {
	short := strings.ReplaceAll(disk.Serial, "-", "")
	return short[:min(len(short), serialLength)]
}

func (disk Disk) check(machine string) error {
	buses := append([]string{virtio}, busesOf(machine)...)
	switch {
	case !filepath.IsAbs(disk.Path):
		return invalid("the path %q of disk %d is not absolute", disk.Path, disk.Device)
	case disk.Format != "qcow2" && disk.Format != "raw":
		return invalid("disk %d has the format %q, and only qcow2 and raw can be attached", disk.Device, disk.Format)
	case !slices.Contains(buses, disk.Bus):
		return invalid("machine %s has no disks on bus %q, only on %q", machine, disk.Bus, buses)
	case !serialText.MatchString(disk.Serial):
		return invalid("the serial %q of disk %d has other characters than letters, digits, dot, dash, plus, space and underscore", disk.Serial, disk.Device)
	}
	return nil
}

func file(path string) *libvirtxml.DomainDiskSource {
	return &libvirtxml.DomainDiskSource{File: &libvirtxml.DomainDiskSourceFile{File: path}}
}

// scsiController: libvirt's own default model has no driver in today's guests.
func scsiController(s Spec, d *libvirtxml.Domain) error {
	onSCSI := func(disk Disk) bool { return disk.Bus == scsi }
	if s.CDBus == scsi || slices.ContainsFunc(s.Disks, onSCSI) {
		index := uint(0)
		d.Devices.Controllers = append(d.Devices.Controllers,
			libvirtxml.DomainController{Type: "scsi", Index: &index, Model: "virtio-scsi"})
	}
	return nil
}
