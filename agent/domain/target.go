package domain

import "fmt"

// targetName counts through the names of a bus: vda, vdb … vdz, vdaa.
func targetName(bus string, index uint) string {
	prefix := map[string]string{virtio: "vd", ide: "hd", sata: "sd", scsi: "sd"}[bus]
	letters := ""
	for n := index + 1; n > 0; n = (n - 1) / 26 {
		letters = string(rune('a'+(n-1)%26)) + letters
	}
	return prefix + letters
}

// cdTargets are those that CloudStack gives to the two drives. libvirt derives
// the place on the bus from the name.
func cdTargets(bus string) (user, drive string) {
	if bus == ide {
		return "hdc", "hdd"
	}
	return "sdd", "sde"
}

// room is how many targets a bus has: two IDE channels of two, six SATA ports,
// and what a virtio-scsi controller has on its first bus. On virtio every disk
// is a PCI device of its own.
var room = map[string]uint{virtio: 26, ide: 4, sata: 6, scsi: 26}

// targets hands out names so that no two devices get the same. SATA and SCSI
// share their names, which libvirt wants unique in the whole domain.
type targets map[string]bool

// claimDrives takes the CD drives' names off the list.
func (t targets) claimDrives(bus string) {
	user, drive := cdTargets(bus)
	t[user], t[drive] = true, true
}

// next gives a disk its name: that of its device number where it is free, as
// on virtio it always is, else the next free one.
func (t targets) next(d Disk) (string, error) {
	for index := d.Device; index < room[d.Bus]; index++ {
		if name := targetName(d.Bus, index); !t[name] {
			t[name] = true
			return name, nil
		}
	}
	for index := range min(d.Device, room[d.Bus]) {
		if name := targetName(d.Bus, index); !t[name] {
			t[name] = true
			return name, nil
		}
	}
	return "", fmt.Errorf("disk %d: %w", d.Device, invalid("there is no room for another disk on bus %s", d.Bus))
}
