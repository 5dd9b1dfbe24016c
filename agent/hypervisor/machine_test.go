package hypervisor_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/agent/domain"
)

// QEMU takes every kind of machine that a spec can ask for on x86 without
// further firmware, and boots its root disk.
func TestStartMachines(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	for name, change := range map[string]func(*domain.Spec){
		"pc, CDs on SATA":  func(s *domain.Spec) { s.CDBus = "sata" },
		"pc, CDs on SCSI":  func(s *domain.Spec) { s.CDBus = "scsi" },
		"pc, all on IDE":   func(s *domain.Spec) { s.Disks[0].Bus, s.Disks[1].Bus = "ide", "ide" },
		"q35":              func(s *domain.Spec) { s.Machine = "q35" },
		"q35, all on SATA": func(s *domain.Spec) { s.Machine, s.Disks[0].Bus, s.Disks[1].Bus = "q35", "sata", "sata" },
		"q35, all on SCSI": func(s *domain.Spec) {
			s.Machine, s.CDBus, s.Disks[0].Bus, s.Disks[1].Bus = "q35", "scsi", "scsi", "scsi"
		},
		"a NIC of another kind": func(s *domain.Spec) { s.NICs[0].Model, s.NICs[0].MTU = "e1000", 1400 },
	} {
		t.Run(name, func(t *testing.T) {
			spec := shared.guest(t, deaf)
			data := shared.guest(t, nil).Disks[0]
			data.Device = 4 // a config drive's, were the targets not kept apart
			spec.Disks = append(spec.Disks, data)
			spec.UserISO, spec.Drive.Path = shared.image(t), shared.image(t)
			change(&spec)
			start(t, hv, spec)
			booted(t, spec)
		})
	}
}

// The user's ISO boots before the root disk; the config drive never does.
func TestBootOrder(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	iso := shared.bootable(t)
	for name, tt := range map[string]struct {
		insert func(*domain.Spec)
		says   string
	}{
		"the user's ISO":            {func(s *domain.Spec) { s.UserISO = iso }, "I"},
		"a drive that could be one": {func(s *domain.Spec) { s.Drive.Path = iso }, "!"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := shared.guest(t, deaf)
			tt.insert(&spec)
			start(t, hv, spec)
			said(t, spec, tt.says)
		})
	}
}

// bootable makes an ISO whose boot image says "I" on the serial port.
func (h host) bootable(t *testing.T) string {
	t.Helper()
	code := bytes.Replace(deaf, []byte{'!'}, []byte{'I'}, 1)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "boot"), append(code, make([]byte, 2048-len(code))...), 0o600); err != nil {
		t.Fatal(err)
	}
	path := h.image(t)
	out, err := exec.CommandContext(t.Context(), "genisoimage", "-quiet", "-o", path, "-b", "boot", "-c", "catalog", "-no-emul-boot", "-boot-load-size", "4", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("genisoimage: %v\n%s", err, strings.TrimSpace(string(out)))
	}
	return path
}
