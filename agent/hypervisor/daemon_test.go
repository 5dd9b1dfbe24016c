package hypervisor_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent/hypervisor"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestChangesTellOfAnEndByAnotherHand(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	spec := shared.guest(t, deaf)
	start(t, hv, spec)
	shared.virsh(t, "destroy", spec.Name)
	heard(t, hv, "the VM is gone", func() bool {
		_, found, err := hv.VM(t.Context(), spec.VM)
		return !found && err == nil
	})
}

// A daemon that hangs keeps nobody waiting beyond the deadline, is found out,
// and is used again when it goes on.
func TestDaemonHangs(t *testing.T) {
	t.Parallel()
	own := ownHost(t)
	var calls atomic.Int64
	hv := own.open(t, func(c *hypervisor.Config) {
		c.CallTimeout, c.KeepaliveInterval = 500*time.Millisecond, time.Second
		c.Observe = func(string, time.Duration, error) { calls.Add(1) }
	})
	own.signal(t, syscall.SIGSTOP)
	t.Cleanup(func() { own.signal(t, syscall.SIGCONT) })

	// More calls than the connection carries at a time.
	const many = 8
	answers := make(chan error, many)
	began := time.Now()
	for range many {
		go func() {
			_, err := hv.VMs(t.Context())
			answers <- err
		}()
	}
	for range many {
		if err := <-answers; !fault.Is(err, fault.Timeout) || !strings.Contains(fault.Message(err), "ConnectListAllDomains") {
			t.Errorf("got %v; want a timeout that names the call", err)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the calls took %s", took)
	}
	if n := calls.Load(); n != many {
		t.Errorf("%d calls were observed, of %d", n, many)
	}

	heard(t, hv, "the connection is lost", func() bool {
		_, err := hv.VMs(t.Context())
		return fault.Is(err, fault.Unavailable)
	})
	t.Logf("found out after %s", time.Since(began))
	own.signal(t, syscall.SIGCONT)
	began = time.Now()
	heard(t, hv, "libvirt is back", func() bool {
		_, err := hv.VMs(t.Context())
		return err == nil
	})
	t.Logf("back after %s", time.Since(began))
}

// A daemon that was killed and came back is used again; VMs do not notice.
func TestDaemonDies(t *testing.T) {
	t.Parallel()
	own := ownHost(t)
	hv := own.open(t)
	spec := own.guest(t, deaf)
	start(t, hv, spec)

	own.signal(t, syscall.SIGKILL)
	heard(t, hv, "the connection is lost", func() bool {
		_, err := hv.VMs(t.Context())
		return fault.Is(err, fault.Unavailable)
	})
	own.startDaemon(t)
	heard(t, hv, "libvirt is back", func() bool {
		_, found, err := hv.VM(t.Context(), spec.VM)
		return found && err == nil
	})

	// Events come again, too. The daemon may still be busy with finding its
	// domains; a stop holds all the same.
	if was, err := own.open(t).Stop(t.Context(), spec.VM, true, 0); !was || err != nil {
		t.Errorf("stop by another agent: %v, %v", was, err)
	}
	heard(t, hv, "the VM is gone", func() bool {
		_, found, err := hv.VM(t.Context(), spec.VM)
		return !found && err == nil
	})
}

// An agent may start before libvirt does.
func TestOpenBeforeTheDaemon(t *testing.T) {
	t.Parallel()
	own := ownHost(t)
	own.stopDaemon(t)
	hv := own.open(t)
	if _, err := hv.Facts(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
	own.startDaemon(t)
	heard(t, hv, "libvirt is there", func() bool {
		_, err := hv.Facts(t.Context())
		return err == nil
	})
}

func TestCloseWhileTheDaemonHangs(t *testing.T) {
	t.Parallel()
	own := ownHost(t)
	hv := own.open(t, func(c *hypervisor.Config) { c.CallTimeout, c.KeepaliveInterval = 10*time.Second, time.Second })
	own.signal(t, syscall.SIGSTOP)
	t.Cleanup(func() { own.signal(t, syscall.SIGCONT) })
	began := time.Now()
	if err := hv.Close(); err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("got %v after %s", err, time.Since(began))
	}
}

// A connection that was lost is let go of: one that is not would be one more
// socket for each time that the daemon restarts. It counts those of the whole
// process, so that it does not run beside others.
func TestReconnectsLeaveNothing(t *testing.T) {
	own := ownHost(t)
	hv := own.open(t)
	answers := func() bool {
		_, err := hv.VMs(t.Context())
		return err == nil
	}
	heard(t, hv, "libvirt is there", answers)
	before := sockets(t)
	for range 3 {
		own.signal(t, syscall.SIGKILL)
		heard(t, hv, "libvirt is away", func() bool { return !answers() })
		own.startDaemon(t)
		heard(t, hv, "libvirt is back", answers)
	}
	if after := sockets(t); after > before {
		t.Errorf("%d sockets became %d", before, after)
	}
}

func sockets(t *testing.T) (count int) {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, "socket:") {
			count++
		}
	}
	return count
}
