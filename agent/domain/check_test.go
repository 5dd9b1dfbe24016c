package domain_test

import (
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestXMLRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*domain.Spec)
		says   string
	}{
		"no id":                {func(s *domain.Spec) { s.VM = "" }, `id "" is not a UUID`},
		"an id with braces":    {func(s *domain.Spec) { s.VM = "{" + vmID + "}" }, "is not a UUID"},
		"a name with a slash":  {func(s *domain.Spec) { s.Name = "../x" }, `instance name "../x"`},
		"no name":              {func(s *domain.Spec) { s.Name = "" }, `instance name ""`},
		"no CPU":               {func(s *domain.Spec) { s.CPUs = 0 }, "1 to 255 CPUs, not 0"},
		"256 CPUs":             {func(s *domain.Spec) { s.CPUs = 256 }, "1 to 255 CPUs, not 256"},
		"no memory":            {func(s *domain.Spec) { s.MemoryBytes = 0 }, "16 MiB to 16 TiB of memory, not 0"},
		"absurd memory":        {func(s *domain.Spec) { s.MemoryBytes = 1 << 63 }, "16 TiB"},
		"unknown architecture": {func(s *domain.Spec) { s.Arch = "riscv64" }, `no architecture "riscv64"`},
		"ARM on pc":            {func(s *domain.Spec) { s.Arch, s.Machine = "aarch64", "pc" }, `no machine "pc" on aarch64`},
		"UEFI on pc":           {func(s *domain.Spec) { s.Machine, s.Firmware = "pc", "uefi" }, `pc has no firmware "uefi"`},
		"IDE on q35":           {func(s *domain.Spec) { s.Machine, s.CDBus = "q35", "ide" }, `q35 has no CD drives on bus "ide"`},
		"a CD on virtio":       {func(s *domain.Spec) { s.CDBus = "virtio" }, `no CD drives on bus "virtio"`},
		"a relative ISO":       {func(s *domain.Spec) { s.UserISO = "x.iso" }, `path "x.iso" of the user ISO`},
		"a relative drive":     {func(s *domain.Spec) { s.Drive.Path = "x.iso" }, "config drive is not absolute"},
		"a relative log":       {func(s *domain.Spec) { s.ConsoleLog = "log" }, "console log is not absolute"},
		"a relative disk":      {func(s *domain.Spec) { s.Disks[0].Path = "root" }, `path "root" of disk 0`},
		"a VMDK disk":          {func(s *domain.Spec) { s.Disks[0].Format = "vmdk" }, `format "vmdk"`},
		"a disk on USB":        {func(s *domain.Spec) { s.Disks[0].Bus = "usb" }, `no disks on bus "usb"`},
		"an odd serial":        {func(s *domain.Spec) { s.Disks[0].Serial = "a,b" }, `serial "a,b"`},
		"a disk twice":         {func(s *domain.Spec) { s.Disks = append(s.Disks, disk(0, "")) }, "two disks have the device number 0"},
		"a third IDE disk": {func(s *domain.Spec) {
			s.Disks = []domain.Disk{disk(0, "ide"), disk(1, "ide"), disk(2, "ide")}
		}, "no room for another disk on bus ide"},
		"no MAC":           {func(s *domain.Spec) { s.NICs[0].MAC = "" }, `MAC address "" of NIC 0`},
		"an EUI-64":        {func(s *domain.Spec) { s.NICs[0].MAC = "02:00:00:00:00:00:00:01" }, "is not one"},
		"a multicast MAC":  {func(s *domain.Spec) { s.NICs[0].MAC = "01:00:5e:00:00:01" }, "is a multicast address"},
		"no bridge":        {func(s *domain.Spec) { s.NICs[0].Bridge = "" }, `bridge name "" of NIC 0`},
		"a long bridge":    {func(s *domain.Spec) { s.NICs[0].Bridge = "sixteen-letters-" }, "1 to 15 characters"},
		"an unknown model": {func(s *domain.Spec) { s.NICs[0].Model = "ne2k" }, `model "ne2k"`},
		"a tiny MTU":       {func(s *domain.Spec) { s.NICs[0].MTU = 20 }, "MTU 20 of NIC 0 is not between 68 and 65535"},
		"a NIC twice":      {func(s *domain.Spec) { s.NICs = append(s.NICs, s.NICs[0]) }, "two NICs have the device number 0"},
		"two things at once": {
			func(s *domain.Spec) { s.CPUs, s.MemoryBytes = 0, 0 },
			"1 to 255 CPUs, not 0; a VM has 16 MiB",
		},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := domain.XML(with(typical(), tt.change))
			if text != "" || !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), tt.says) {
				t.Errorf("got %q, fault %v: %q; want an invalid one that says %q", text, fault.Of(err), fault.Message(err), tt.says)
			}
		})
	}
}
