package domain

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// name is what libvirt and the paths made from it (sockets, logs) both take.
var name = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// check refuses what no domain can come from, naming all that is wrong.
func (s Spec) check() error {
	problems := slices.Concat(s.checkVM(), s.checkSize(), s.checkMachine(), s.checkMedia())
	if len(problems) == 0 {
		return nil
	}
	return invalid("%s", strings.Join(problems, "; "))
}

func (s Spec) checkVM() (problems []string) {
	if _, err := uuid.Parse(s.VM); err != nil || len(s.VM) != 36 {
		problems = append(problems, fmt.Sprintf("the VM's id %q is not a UUID", s.VM))
	}
	if !name.MatchString(s.Name) {
		problems = append(problems, fmt.Sprintf("the instance name %q is not 1 to 63 letters, digits, dots, dashes and underscores", s.Name))
	}
	return problems
}

func (s Spec) checkSize() (problems []string) {
	if s.CPUs < 1 || s.CPUs > maxCPUs {
		problems = append(problems, fmt.Sprintf("a VM has 1 to %d CPUs, not %d", maxCPUs, s.CPUs))
	}
	if s.MemoryBytes < leastMemory || s.MemoryBytes > mostMemory {
		problems = append(problems, fmt.Sprintf("a VM has %d MiB to %d TiB of memory, not %d bytes",
			leastMemory>>20, mostMemory>>40, s.MemoryBytes))
	}
	return problems
}

func (s Spec) checkMachine() (problems []string) {
	machines := map[string][]string{x86: {pc, q35}, arm: {virt}}
	firmwares := map[string][]string{pc: {bios}, q35: {bios, uefi}, virt: {uefi}}
	switch {
	case machines[s.Arch] == nil:
		problems = append(problems, fmt.Sprintf("there is no architecture %q, only %s and %s", s.Arch, x86, arm))
	case !slices.Contains(machines[s.Arch], s.Machine):
		problems = append(problems, fmt.Sprintf("there is no machine %q on %s, only %q", s.Machine, s.Arch, machines[s.Arch]))
	case !slices.Contains(firmwares[s.Machine], s.Firmware):
		problems = append(problems, fmt.Sprintf("machine %s has no firmware %q, only %q", s.Machine, s.Firmware, firmwares[s.Machine]))
	case !slices.Contains(busesOf(s.Machine), s.CDBus):
		problems = append(problems, fmt.Sprintf("machine %s has no CD drives on bus %q, only on %q", s.Machine, s.CDBus, busesOf(s.Machine)))
	}
	return problems
}

// busesOf lists the buses that a CD drive can be on: virtio has no removable
// media, and only pc has an IDE controller.
func busesOf(machine string) []string {
	switch machine {
	case pc:
		return []string{ide, sata, scsi}
	case q35:
		return []string{sata, scsi}
	case virt:
		return []string{scsi}
	}
	return nil
}

func (s Spec) checkMedia() (problems []string) {
	paths := []struct{ what, path string }{
		{"user ISO", s.UserISO}, {"config drive", s.Drive.Path}, {"console log", s.ConsoleLog},
	}
	for _, p := range paths {
		if p.path != "" && !filepath.IsAbs(p.path) {
			problems = append(problems, fmt.Sprintf("the path %q of the %s is not absolute", p.path, p.what))
		}
	}
	return problems
}

func invalid(format string, args ...any) error { return fault.New(fault.Invalid, format, args...) }
