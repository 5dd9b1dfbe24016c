package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/cairn-kvm/cairn/test/lab"
)

// imagesOf gives each checkout a folder of its own where QEMU's user can reach
// it.
func imagesOf(here string) string {
	sum := sha256.Sum256([]byte(here))
	return filepath.Join("/var/tmp", "cairn-demo-"+hex.EncodeToString(sum[:4]))
}

// down ends what up started, as far as it is there: programs, guests, host,
// images. Logs, database and consoles stay until the next up.
func (d demo) down(ctx context.Context) error {
	var failures []error
	for _, pid := range d.pids() {
		failures = append(failures, d.end(ctx, pid))
	}
	host := filepath.Join(d.images, "lab", "kvm1")
	if _, err := os.Stat(host); err == nil {
		failures = append(failures, lab.Down(ctx, host))
	}
	failures = append(failures, os.RemoveAll(d.images))
	if err := os.Remove(filepath.Join(d.dir, "pids")); err != nil && !errors.Is(err, os.ErrNotExist) {
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// pids are the agent's and the controller's, where the demo's programs still
// have them.
func (d demo) pids() []int {
	text, err := os.ReadFile(filepath.Join(d.dir, "pids"))
	if err != nil {
		return nil
	}
	var list []int
	for field := range strings.FieldsSeq(string(text)) {
		pid, err := strconv.Atoi(field)
		if err == nil && d.ours(pid) {
			list = append(list, pid)
		}
	}
	return list
}

// ours reports whether the process still is one of the demo's programs: ids
// are used again.
func (d demo) ours(pid int) bool {
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return err == nil && filepath.Dir(strings.TrimSuffix(program, " (deleted)")) == d.bin
}

func (d demo) end(ctx context.Context, pid int) error {
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for d.ours(pid) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("process %d does not end", pid)
		case <-tick.C:
		}
	}
	return nil
}
