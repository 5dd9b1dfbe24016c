package lab_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cairn-kvm/cairn/test/lab"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// deadline is far beyond what a step takes on an idle machine: guests run
// without hardware virtualisation beside whatever else is being tested.
const deadline = 5 * time.Minute

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	t.Cleanup(cancel)
	return ctx
}

// need fails the test at once, and returns the value otherwise.
func need[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func startHost(t *testing.T, dir, name string) *lab.Host {
	t.Helper()
	h := need(lab.StartHost(within(t), dir, name))(t)
	t.Cleanup(func() {
		if err := h.Stop(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// makeISO writes a config drive as CloudStack's builder does, independently of
// ours. Files are path and content.
func makeISO(t *testing.T, iso string, files map[string]string) {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "genisoimage", "-o", iso, "-ldots", "-allow-lowercase",
		"-allow-multidot", "-cache-inodes", "-l", "-quiet", "-J", "-r", "-V", "config-2", root)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("genisoimage: %v: %s", err, out)
	}
}

// machine is a domain with two CD drives, the first empty.
type machine struct {
	name   string
	kind   string // pc or q35
	cpus   int
	memory int // MiB
	disk   string
	iso    string // in the second drive
	bridge string
}

// start creates the domain and opens its console.
func (m machine) start(t *testing.T, h *lab.Host) *lab.Console {
	t.Helper()
	ctx := within(t)
	path := filepath.Join(t.TempDir(), m.name+".xml")
	if err := os.WriteFile(path, []byte(m.xml()), 0o600); err != nil {
		t.Fatal(err)
	}
	need(h.Exec(ctx, "virsh", "create", path))(t)
	console := need(h.Console(ctx, m.name))(t)
	t.Cleanup(func() {
		if err := console.Close(); err != nil {
			t.Error(err)
		}
	})
	return console
}

func (m machine) xml() string {
	drives := map[string]string{"pc": "hdc ide hdd ide", "q35": "sdc scsi sdd scsi"}
	d := strings.Fields(drives[m.kind])
	return fmt.Sprintf(`<domain type='qemu'>
  <name>%[1]s</name><vcpu>%[3]d</vcpu><memory unit='MiB'>%[4]d</memory>
  <os><type machine='%[2]s'>hvm</type></os><features><acpi/></features><cpu mode='maximum'/>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/><source file='%[5]s'/><target dev='vda' bus='virtio'/><boot order='1'/>
    </disk>
    <controller type='scsi' model='virtio-scsi'/>
    <disk type='file' device='cdrom'><target dev='%[8]s' bus='%[9]s'/></disk>
    <disk type='file' device='cdrom'><source file='%[6]s'/><target dev='%[10]s' bus='%[11]s'/></disk>
    <interface type='bridge'><source bridge='%[7]s'/><model type='virtio'/></interface>
    <serial type='pty'><log file='/var/log/libvirt/qemu/%[1]s-console.log' append='on'/></serial>
  </devices>
</domain>`, m.name, m.kind, m.cpus, m.memory, m.disk, m.iso, m.bridge, d[0], d[1], d[2], d[3])
}

// ended returns once the domain's QEMU is gone.
func ended(t *testing.T, h *lab.Host, domain string) {
	t.Helper()
	ctx := within(t)
	pid, err := os.ReadFile(h.Path("/run/libvirt/qemu/" + domain + ".pid"))
	if os.IsNotExist(err) {
		return // gone already
	}
	need(pid, err)(t)
	need(h.Exec(ctx, "tail", "--pid", strings.TrimSpace(string(pid)), "-f", "/dev/null"))(t)
}
