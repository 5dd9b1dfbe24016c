package lab

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Guest is the files of a guest image.
type Guest struct {
	Disk   string // qcow2, boots by itself under SeaBIOS
	Kernel string // for direct kernel boot; empty when the guest has no such files
	Initrd string
}

// Probe is the guest that boots in seconds, reports what its CD drives hold and
// obeys commands on its serial console. It is built when the cache lacks it.
// The files are shared: give a domain its own [Guest.Copy].
func Probe(ctx context.Context) (Guest, error) {
	dir, err := build(ctx, "probe.sh")
	if err != nil {
		return Guest{}, err
	}
	return Guest{
		Disk:   filepath.Join(dir, "probe.qcow2"),
		Kernel: filepath.Join(dir, "vmlinuz"),
		Initrd: filepath.Join(dir, "initrd"),
	}, nil
}

// Debian is Debian 12 with cloud-init, which reports what became of its config
// drive. Its files are shared as those of [Probe] are.
func Debian(ctx context.Context) (Guest, error) {
	dir, err := build(ctx, "debian.sh")
	if err != nil {
		return Guest{}, err
	}
	return Guest{Disk: filepath.Join(dir, "debian.qcow2")}, nil
}

// build runs a guest's build script, which waits for one that runs already, and
// returns the folder in the cache.
func build(ctx context.Context, name string) (string, error) {
	path, err := script(filepath.Join("guest", name))
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, path)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	// What the script has started must end with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("build guest with %s: %w: %s", name, err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(bytes.TrimSpace(out)), nil
}

// Copy copies the guest's files to a folder that QEMU's user can reach.
func (g Guest) Copy(dir string) (Guest, error) {
	var err error
	for _, path := range []*string{&g.Disk, &g.Kernel, &g.Initrd} {
		if *path == "" {
			continue
		}
		if *path, err = copyInto(dir, *path); err != nil {
			return Guest{}, err
		}
	}
	return g, nil
}

func copyInto(dir, path string) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }() // it was only read
	out, err := os.Create(filepath.Join(dir, filepath.Base(path)))
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(out, in); err != nil {
		_ = out.Close()
		return "", err
	}
	return out.Name(), out.Close()
}
