package chaos

import (
	"context"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/test/lab"
	"github.com/cairn-kvm/cairn/test/lab/cloud"
)

// TestLibvirtDies kills the daemon under a deployment and under an expunge.
// Whatever the jobs say meanwhile: when it is back and the VM is expunged,
// nothing of it is left, and above all no guest runs on without its records.
func TestLibvirtDies(t *testing.T) {
	probe, err := lab.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := cloud.StartTest(t, true)
	template := c.Template(t, "probe", probe)

	vm, job := submit(t, c, template, "running")
	if status := await(t, c, job); status != 1 {
		t.Fatalf("the deployment ended with status %d", status)
	}
	killLibvirt(t, c)
	revived := time.AfterFunc(5*time.Second, func() { startLibvirt(t, c) })
	defer revived.Stop()
	expungedAtLast(t, c, vm)

	vm, job = submit(t, c, template, "starting")
	<-time.After(400 * time.Millisecond) // about when the domain comes up
	killLibvirt(t, c)
	<-time.After(2 * time.Second)
	startLibvirt(t, c)
	t.Logf("the deployment ended with status %d", await(t, c, job))
	expungedAtLast(t, c, vm)
}

func killLibvirt(t *testing.T, c *cloud.Test) {
	t.Helper()
	text, err := os.ReadFile(c.Lab.Path("/run/libvirtd.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func startLibvirt(t *testing.T, c *cloud.Test) {
	if _, err := c.Lab.Exec(context.Background(), "libvirtd", "-d"); err != nil {
		t.Errorf("start libvirtd: %v", err)
	}
}

func expungedAtLast(t *testing.T, c *cloud.Test, id string) {
	t.Helper()
	if err := c.Expunge(id); err != nil {
		t.Fatalf("expunge: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		left := c.Left(t)
		if len(left) == 0 {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("expunged, it left behind %q", left)
		case <-tick.C:
		}
	}
}
