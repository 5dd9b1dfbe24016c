package hypervisor_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cairn-kvm/cairn/agent/hypervisor"
	"github.com/cairn-kvm/cairn/test/lab"
)

// shared is the host of all tests that do its daemon no harm.
var shared host

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("/var/tmp", "cairn-")
	if err != nil {
		return failed(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Chmod(dir, 0o755); err != nil { // for the qemu user
		return failed(err)
	}
	up, err := lab.StartHost(context.Background(), dir, "shared")
	if err != nil {
		return failed(err)
	}
	shared = host{up}
	code := m.Run()
	if err := up.Stop(); err != nil {
		return failed(err)
	}
	// libvirt's event loop is the process's for good.
	if err := goleak.Find(goleak.IgnoreAnyFunction("github.com/cairn-kvm/cairn/agent/hypervisor.runEvents")); code == 0 && err != nil {
		return failed(err)
	}
	return code
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// A host is a libvirtd of the tests' own, in a mount namespace of its own.
type host struct{ *lab.Host }

// ownHost is for one test, which may do to it what it likes.
func ownHost(t *testing.T) host {
	t.Helper()
	up, err := lab.StartHost(t.Context(), lab.TempDir(t), "own")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := up.Stop(); err != nil {
			t.Error(err)
		}
	})
	return host{up}
}

// signal sends one to the host's libvirtd.
func (h host) signal(t *testing.T, signal syscall.Signal) {
	t.Helper()
	var pid int
	text, err := os.ReadFile(filepath.Join(h.Dir(), "run", "libvirtd.pid"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatal(err)
	}
}

// stopDaemon ends libvirtd and waits until it has let go of everything.
func (h host) stopDaemon(t *testing.T) {
	t.Helper()
	h.signal(t, syscall.SIGTERM)
	const gone = `while kill -0 "$(cat /run/libvirtd.pid 2>/dev/null)" 2>/dev/null; do sleep 0.02; done`
	if _, err := h.Exec(t.Context(), "sh", "-c", gone); err != nil {
		t.Fatal(err)
	}
}

func (h host) startDaemon(t *testing.T) {
	t.Helper()
	if _, err := h.Exec(t.Context(), "libvirtd", "-d"); err != nil {
		t.Fatal(err)
	}
}

// virsh is what an operator does behind our back.
func (h host) virsh(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(within(t, time.Minute), "virsh", append([]string{"--quiet", "--connect", h.URI()}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("virsh %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// open connects to the host as the agent does.
func (h host) open(t testing.TB, change ...func(*hypervisor.Config)) *hypervisor.Host {
	t.Helper()
	config := hypervisor.Config{URI: h.URI(), CallTimeout: 20 * time.Second}
	for _, c := range change {
		c(&config)
	}
	hv, err := hypervisor.Open(t.Context(), config, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := hv.Close(); err != nil {
			t.Error(err)
		}
	})
	return hv
}

// within bounds a step of a test, its cleanup included.
func within(t testing.TB, limit time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), limit)
	t.Cleanup(cancel)
	return ctx
}

// heard waits until the bell was rung and what it rang for is true.
func heard(t *testing.T, hv *hypervisor.Host, what string, true func() bool) {
	t.Helper()
	ctx := within(t, 20*time.Second)
	for !true() {
		select {
		case <-hv.Changes():
		case <-ctx.Done():
			t.Fatalf("nobody told that %s", what)
		}
	}
}
