package hypervisor_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cairn-kvm/cairn/agent/domain"
)

// obedient is a boot sector that greets on the first serial port and then does
// what ACPI asks of a guest whose power button is pressed. The ports are those
// that SeaBIOS gives to the power management of machine pc.
var obedient = []byte{
	0xba, 0x02, 0x06, // mov dx, 0x602: PM1 enable
	0xb8, 0x00, 0x01, // mov ax, power button
	0xef,             // out dx, ax
	0xba, 0xf8, 0x03, // mov dx, serial port
	0xb0, '!', // mov al, '!'
	0xee,             // out dx, al
	0xba, 0x00, 0x06, // mov dx, 0x600: PM1 status
	0xfb,             // sti
	0xf4,             // hlt: until the timer ticks
	0xed,             // in ax, dx
	0xf6, 0xc4, 0x01, // test ah, power button
	0x74, 0xf8, // jz sti
	0xba, 0x04, 0x06, // mov dx, 0x604: PM1 control
	0xb8, 0x00, 0x20, // mov ax, sleep, type 0: off
	0xef,       // out dx, ax
	0xf4,       // hlt
	0xeb, 0xfd, // jmp hlt
}

// deaf greets as well, and then sleeps through everything.
var deaf = []byte{
	0xba, 0xf8, 0x03, // mov dx, serial port
	0xb0, '!', // mov al, '!'
	0xee,       // out dx, al
	0xfa,       // cli
	0xf4,       // hlt
	0xeb, 0xfd, // jmp hlt
}

// guest describes a small VM of this host that runs the code.
func (h host) guest(t testing.TB, code []byte) domain.Spec {
	t.Helper()
	id := uuid.NewString()
	path := filepath.Join(h.Dir(), id)
	disk := make([]byte, 1<<20)
	copy(disk, code)
	disk[510], disk[511] = 0x55, 0xaa
	if err := os.WriteFile(path, disk, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(path) })
	return domain.Spec{
		VM: id, Name: "i-2-" + id[:8] + "-VM", Epoch: 7, CPUs: 1, MHz: 500, MemoryBytes: 32 << 20,
		Disks:      []domain.Disk{{Path: path, Format: "raw", Serial: id}},
		NICs:       []domain.NIC{{MAC: "02:00:00:" + id[:2] + ":" + id[2:4] + ":" + id[4:6], Bridge: h.Bridge()}},
		ConsoleLog: path + ".log",
	}
}

// booted waits for the guest's greeting.
func booted(t *testing.T, spec domain.Spec) { t.Helper(); said(t, spec, "!") }

// said waits for the guest's first word on its console, and compares that.
func said(t *testing.T, spec domain.Spec, want string) {
	t.Helper()
	ctx := within(t, 60*time.Second)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		text, err := os.ReadFile(spec.ConsoleLog)
		if len(text) > 0 {
			if string(text) != want {
				t.Errorf("the guest said %q; want %q", text, want)
			}
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("the guest never said that it runs: %v", err)
		}
	}
}

// image is a file for a CD drive.
func (h host) image(t testing.TB) string {
	t.Helper()
	path := filepath.Join(h.Dir(), fmt.Sprintf("%s.iso", uuid.NewString()))
	if err := os.WriteFile(path, make([]byte, 64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(path) })
	return path
}
