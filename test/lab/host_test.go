package lab_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/test/lab"
)

func TestHostsAreSeparate(t *testing.T) {
	t.Parallel()
	ctx, dir := within(t), lab.TempDir(t)
	a, b := startHost(t, dir, "alpha"), startHost(t, dir, "beta")

	for _, h := range []*lab.Host{a, b} {
		if got := need(h.Exec(ctx, "hostname"))(t); got != h.Name()+"\n" {
			t.Errorf("host %s calls itself %q", h.Name(), got)
		}
		inside := need(h.Exec(ctx, "virsh", "uri"))(t)
		if strings.TrimSpace(inside) != "qemu:///system" {
			t.Errorf("virsh on host %s speaks to %s", h.Name(), inside)
		}
	}
	if hostUUID(t, a) == hostUUID(t, b) {
		t.Error("both hosts have one UUID")
	}
	if a.Bridge() != b.Bridge() || len(a.Bridge()) > 15 {
		t.Errorf("bridges %q and %q: want one, of at most 15 characters", a.Bridge(), b.Bridge())
	}
	if _, err := os.Stat("/sys/class/net/" + a.Bridge()); err != nil {
		t.Error(err)
	}
}

// hostUUID asks from outside, through the host's URI.
func hostUUID(t *testing.T, h *lab.Host) string {
	t.Helper()
	out, err := exec.CommandContext(within(t), "virsh", "--connect", h.URI(), "capabilities").Output()
	capabilities := string(need(out, err)(t))
	_, rest, found := strings.Cut(capabilities, "<uuid>")
	if !found {
		t.Fatalf("no UUID in %s", capabilities)
	}
	uuid, _, _ := strings.Cut(rest, "<")
	return uuid
}

func TestStopLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx, dir := within(t), lab.TempDir(t)
	guest := need(need(lab.Probe(ctx))(t).Copy(dir))(t)
	iso := filepath.Join(dir, "drive.iso")
	makeISO(t, iso, map[string]string{"openstack/latest/meta_data.json": "{}"})
	h := startHost(t, dir, "alpha")
	bridge, space := h.Bridge(), namespace(t, h)
	machine{"left", "pc", 1, 256, guest.Disk, iso, bridge}.start(t, h)
	forgotten := h.Command(ctx, "sleep", "infinity")
	if err := forgotten.Start(); err != nil {
		t.Fatal(err)
	}

	if err := h.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := forgotten.Wait(); err == nil {
		t.Error("a program on the host ended by itself")
	}
	for _, path := range []string{h.Dir(), "/sys/class/net/" + bridge} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there (%v)", path, err)
		}
	}
	for _, pid := range processes(t, space, dir) {
		t.Errorf("process %s is still there", pid)
	}
	if info := need(os.Stat(guest.Disk))(t); info.Mode().Perm()&0o400 == 0 {
		t.Errorf("image has mode %v", info.Mode())
	}
}

// namespace is the identity of the host's mount namespace.
func namespace(t *testing.T, h *lab.Host) string {
	t.Helper()
	return strings.TrimSpace(need(h.Exec(within(t), "readlink", "/proc/self/ns/mnt"))(t))
}

// processes finds those in a mount namespace, and those whose command line
// names a folder.
func processes(t *testing.T, space, dir string) []string {
	t.Helper()
	var found []string
	for _, proc := range need(filepath.Glob("/proc/[0-9]*"))(t) {
		link, _ := os.Readlink(proc + "/ns/mnt") // fails for those that end meanwhile
		args, _ := os.ReadFile(proc + "/cmdline")
		if link == space || strings.Contains(string(args), dir) {
			found = append(found, filepath.Base(proc)+" "+strings.ReplaceAll(string(args), "\x00", " "))
		}
	}
	return found
}

func TestStartHostRefuses(t *testing.T) {
	t.Parallel()
	hidden := t.TempDir() // below a folder that only root may enter
	long := filepath.Join(lab.TempDir(t), strings.Repeat("x", 90))
	cancelled, cancel := context.WithCancel(within(t))
	cancel()
	tests := map[string]struct {
		ctx       context.Context
		dir, name string
		want      string
	}{
		"a folder that QEMU cannot reach": {within(t), hidden, "alpha", "libvirt-qemu cannot reach"},
		"a path too long for a socket":    {within(t), long, "alpha", "too long for a socket"},
		"a name that is no host name":     {within(t), lab.TempDir(t), "Al/pha", `host name "Al/pha"`},
		"a start that was given up":       {cancelled, lab.TempDir(t), "alpha", "context canceled"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, err := lab.StartHost(test.ctx, test.dir, test.name)
			if err == nil {
				t.Errorf("host %s started", h.Name())
				if err := h.Stop(); err != nil {
					t.Error(err)
				}
				return
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
		})
	}
}

func TestPackagesAreInstalled(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(within(t), "./packages.sh").CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("packages.sh says %q (%v), want nothing", out, err)
	}
}
