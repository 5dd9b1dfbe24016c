package domain_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/cairn-kvm/cairn/agent/domain"
)

var update = flag.Bool("update", false, "write the golden files anew")

// specs are the domains whose XML is pinned in testdata, by file name.
var specs = map[string]domain.Spec{
	"minimal":  minimal(),
	"emulated": typical(),
	"kvm":      with(typical(), func(s *domain.Spec) { s.KVM = true }),
	"uefi":     with(typical(), func(s *domain.Spec) { s.KVM, s.Firmware = true, "uefi" }),
	"uefi_scsi": with(typical(), func(s *domain.Spec) {
		s.Firmware, s.CDBus = "uefi", "scsi"
		s.Disks = append(s.Disks, disk(1, "scsi"), disk(3, "scsi"), disk(4, "scsi"), disk(5, "scsi"))
	}),
	"arm":      with(typical(), func(s *domain.Spec) { s.KVM, s.Arch = true, "aarch64" }),
	"user_iso": with(typical(), func(s *domain.Spec) { s.UserISO = "/pools/iso/debian & co.iso" }),
	"ide_disks": with(typical(), func(s *domain.Spec) {
		s.Disks = []domain.Disk{disk(2, "ide"), disk(0, "ide")}
	}),
	"sata_disks": with(typical(), func(s *domain.Spec) {
		s.Machine = "q35"
		s.Disks = []domain.Disk{disk(0, "sata"), disk(1, "sata"), disk(2, "sata"), disk(5, "sata")}
	}),
	"nics": with(typical(), func(s *domain.Spec) {
		s.NICs = []domain.NIC{
			{MAC: "02:00:4c:9f:00:03", Bridge: "cloudbr1", Model: "e1000", Device: 2},
			{MAC: "02:00:4c:9f:00:01", Bridge: "cloudbr0", MTU: 1450},
		}
	}),
}

func TestXML(t *testing.T) {
	for name, spec := range specs {
		t.Run(name, func(t *testing.T) {
			got, err := domain.XML(spec)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", name+".xml"), got)
		})
	}
}

func TestXMLLeavesTheSpecAlone(t *testing.T) {
	spec := specs["ide_disks"]
	if _, err := domain.XML(spec); err != nil {
		t.Fatal(err)
	}
	if first := spec.Disks[0]; first.Device != 2 || first.Format != "qcow2" {
		t.Errorf("the caller's first disk became %+v", first)
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	got += "\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update to accept):\n%s", path, got)
	}
}

const vmID = "0c6a3c5e-9a4e-4c58-8d4f-2f6f0f4c1d11"

func minimal() domain.Spec {
	return domain.Spec{VM: vmID, Name: "i-2-3-VM", Epoch: 1, CPUs: 1, MemoryBytes: 256 << 20}
}

func typical() domain.Spec {
	return domain.Spec{
		VM: vmID, Name: "i-2-4-VM", Epoch: 7, CPUs: 2, MHz: 2000, MemoryBytes: 1 << 30,
		Disks:      []domain.Disk{disk(0, "")},
		NICs:       []domain.NIC{{MAC: "02:00:4c:9f:00:01", Bridge: "cloudbr0", MTU: 1450}},
		Drive:      domain.Drive{Path: "/var/cache/cairn/configdrive/i-2-4-VM.iso", SHA256: "ab54d286a7f1c1d0e7a1e9d3f4f6c2b1a0998877665544332211ffeeddccbbaa"},
		ConsoleLog: "/var/log/libvirt/cairn/i-2-4-VM.log",
	}
}

func disk(device uint, bus string) domain.Disk {
	const id = "7d0c1c2a-55aa-4f6e-9b1e-0123456789ab"
	return domain.Disk{Path: "/pools/p1/" + id, Format: "qcow2", Bus: bus, Serial: id, Device: device}
}

func with(s domain.Spec, change func(*domain.Spec)) domain.Spec {
	change(&s)
	return s
}
