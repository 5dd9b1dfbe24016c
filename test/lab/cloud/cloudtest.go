package cloud

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/test/lab"
)

// Test is a cloud for a test: programs built with the race detector, a lab
// host, and everything gone when the test ends.
type Test struct {
	*Cloud
	Lab *lab.Host
}

// StartTest starts one. The logs of a test that failed are told.
func StartTest(t testing.TB, race bool) *Test {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	dir := lab.TempDir(t)
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Build(ctx, bin, race); err != nil {
		t.Fatal(err)
	}
	host, err := lab.StartHost(ctx, dir, "kvm1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Stop(); err != nil {
			t.Error(err)
		}
	})
	c, err := Up(ctx, Config{Bin: bin, Dir: filepath.Join(dir, "cloud"), Images: filepath.Join(dir, "images"), Host: host})
	if err != nil {
		t.Fatalf("%v\n%s", err, logs(dir))
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(logs(dir))
		}
		if err := c.Down(); err != nil {
			t.Error(err)
		}
	})
	return &Test{c, host}
}

// logs gives the ends of the programs' logs.
func logs(dir string) string {
	text := ""
	for _, name := range []string{"controller.log", "agent.log"} {
		content, err := os.ReadFile(filepath.Join(dir, "cloud", name))
		if err != nil {
			content = []byte(err.Error())
		}
		text += "--- " + name + "\n" + string(content[max(0, len(content)-6000):]) + "\n"
	}
	return text
}

// Template registers a guest's disk and gives the template's id.
func (c *Test) Template(t testing.TB, name string, guest lab.Guest) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	id, err := c.AddTemplate(ctx, name, guest.Disk)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Left gives what stands on the host beside templates: domains, drives, disks.
func (c *Test) Left(t testing.TB) []string {
	t.Helper()
	domains, err := c.Lab.Exec(context.WithoutCancel(t.Context()), "virsh", "--quiet", "list", "--all", "--name")
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, name := range fields(domains) {
		left = append(left, "domain "+name)
	}
	for _, dir := range []string{c.DriveDir(), c.PoolDir()} {
		entries, err := os.ReadDir(dir)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if !entry.IsDir() {
				left = append(left, filepath.Join(dir, entry.Name()))
			}
		}
	}
	return left
}
