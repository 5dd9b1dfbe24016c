package lab_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/cairn-kvm/cairn/test/lab"
)

// A config drive as small as can be, with a name that needs more than plain
// ISO 9660.
var drive = map[string]string{
	"openstack/latest/meta_data.json":      `{"uuid":"6f0c9d5e-0000-4000-8000-000000000001","hostname":"web1"}`,
	"cloudstack/metadata/public-keys.txt":  "ssh-ed25519 AAAA me@x",
	"cloudstack/password/vm_password.txt":  "s3cret",
	"cloudstack/userdata/A long name.text": "data",
}

func TestProbeTellsDrivesApart(t *testing.T) {
	t.Parallel()
	buses := map[string]string{"pc": "ata_piix", "q35": "virtio_scsi"}
	for kind, driver := range buses {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h, m := probeHost(t, kind)
			console := m.start(t, h)
			report := need(console.Report(within(t)))(t)
			checkDrives(t, report, driver)
			need(console.Wait(within(t), "cairn-guest: ready"))(t)

			shutdown(t, h, console, m.name)
		})
	}
}

// probeHost prepares a host and a probe guest with a drive in the second slot.
func probeHost(t *testing.T, kind string) (*lab.Host, machine) {
	t.Helper()
	dir := lab.TempDir(t)
	guest := need(need(lab.Probe(within(t)))(t).Copy(dir))(t)
	iso := filepath.Join(dir, "drive.iso")
	makeISO(t, iso, drive)
	h := startHost(t, dir, "alpha")
	return h, machine{name: "probe", kind: kind, cpus: 1, memory: 256, disk: guest.Disk, iso: iso, bridge: h.Bridge()}
}

func checkDrives(t *testing.T, report lab.Report, driver string) {
	t.Helper()
	if len(report.Drives) != 2 || len(report.NICs) != 1 || report.Machine.CPUs != 1 || report.Machine.UUID == "" {
		t.Fatalf("guest reports %+v", report)
	}
	first, second := report.Drive(1), report.Drive(2)
	if first.Medium || first.Label != "" {
		t.Errorf("first drive is not empty: %+v", first)
	}
	if !second.Medium || second.Label != "config-2" || second.Size == 0 {
		t.Errorf("second drive holds no config drive: %+v", second)
	}
	for _, d := range report.Drives {
		if got := d.At[:min(len(d.At), len(driver))]; got != driver {
			t.Errorf("drive %d is at %s, want %s", d.Position, d.At, driver)
		}
	}
	checkFiles(t, second)
}

func checkFiles(t *testing.T, d lab.Drive) {
	t.Helper()
	for path, content := range drive {
		sum := sha256.Sum256([]byte(content))
		file := d.Files["/"+path]
		if file.Folder || file.Size != int64(len(content)) || file.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("file %s: guest sees %+v", path, file)
		}
	}
	if folder := d.Files["/openstack/latest"]; !folder.Folder {
		t.Errorf("folder /openstack/latest: guest sees %+v", folder)
	}
}

// shutdown presses the power button and waits for the end.
func shutdown(t *testing.T, h *lab.Host, console *lab.Console, domain string) {
	t.Helper()
	need(h.Exec(within(t), "virsh", "shutdown", domain, "--mode", "acpi"))(t)
	need(console.Wait(within(t), "cairn-guest: power-button"))(t)
	ended(t, h, domain)
}

func TestProbeObeys(t *testing.T) {
	t.Parallel()
	ctx := within(t)
	h, m := probeHost(t, "pc")
	console := m.start(t, h)
	need(console.Wait(ctx, "cairn-guest: ready"))(t)
	send := func(command, answer string) []string {
		t.Helper()
		if err := console.Send(ctx, command); err != nil {
			t.Fatal(err)
		}
		return need(console.Wait(ctx, answer))(t)
	}

	shown := need(console.Show(ctx, "/cloudstack/password/vm_password.txt"))(t)
	if len(shown) != 1 || string(shown[2]) != "s3cret" {
		t.Errorf("guest shows %v, want the password of drive 2", shown)
	}

	send("hold 2", "held 2")
	if _, err := h.Exec(ctx, "virsh", "change-media", m.name, "hdd", "--eject"); err == nil {
		t.Error("a tray that the guest holds was opened")
	}
	send("release 2", "released 2")

	send("loop", "looping")
	send("", "read sr1 sha256=[0-9a-f]{64}")
	need(h.Exec(ctx, "virsh", "change-media", m.name, "hdd", "--eject"))(t)
	need(console.Wait(ctx, "read sr1 sha256=none"))(t)
	send("stop", "stopped rounds=[1-9][0-9]* errors=[1-9]")

	other := filepath.Join(filepath.Dir(m.iso), "other.iso")
	makeISO(t, other, map[string]string{"hello.txt": "hello"})
	need(h.Exec(ctx, "virsh", "change-media", m.name, "hdd", other, "--insert"))(t)
	if err := console.Send(ctx, "drive norock"); err != nil {
		t.Fatal(err)
	}
	report := need(console.Report(ctx))(t)
	if file := report.Drive(2).Files["/hello.txt"]; file.Size != 5 {
		t.Errorf("guest sees %+v after the change of medium", report.Drive(2))
	}

	send("poweroff", "cairn-guest: poweroff")
	ended(t, h, m.name)
}

// migrationSocket is a path at which QEMU's user may make a socket.
func migrationSocket(t *testing.T, h *lab.Host) string {
	t.Helper()
	dir := filepath.Join(filepath.Dir(h.Dir()), "sockets")
	if err := errors.Join(os.Mkdir(dir, 0o755), os.Chmod(dir, 0o777)); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "migration")
}

// Two hosts can hand a running guest over, drive and all.
func TestLiveMigration(t *testing.T) {
	t.Parallel()
	ctx := within(t)
	from, m := probeHost(t, "pc")
	to := startHost(t, filepath.Dir(from.Dir()), "beta")
	console := m.start(t, from)
	need(console.Wait(ctx, "cairn-guest: ready"))(t)

	need(from.Exec(ctx, "virsh", "migrate", "--live", "--p2p", "--unsafe", m.name, to.URI(),
		"--migrateuri", "unix://"+migrationSocket(t, from)))(t)

	arrived := need(to.Console(ctx, m.name))(t)
	t.Cleanup(func() {
		if err := arrived.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := arrived.Send(ctx, "drive"); err != nil {
		t.Fatal(err)
	}
	checkDrives(t, need(arrived.Report(ctx))(t), "ata_piix")
	shutdown(t, to, arrived, m.name)
}
