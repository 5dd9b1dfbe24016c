package lab

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// Host is a KVM host with a mount namespace, a host name and a libvirtd of its
// own. It shares the machine's network, so that 127.0.0.1 is the same on all
// hosts, and every folder but /run and those of libvirt.
type Host struct {
	script string
	facts  map[string]string
	cmd    *exec.Cmd
	stdin  io.Closer
	stderr *bytes.Buffer
	stop   func() error
}

// StartHost brings up host name in folder dir (see [TempDir]); the hosts of one
// folder share a bridge. The host ends with [Host.Stop], or when this process
// dies, however it does.
func StartHost(ctx context.Context, dir, name string) (*Host, error) {
	path, err := script("host.sh")
	if err != nil {
		return nil, err
	}
	h := &Host{script: path, stderr: new(bytes.Buffer)}
	h.cmd = exec.Command(path, "run", dir, name)
	h.cmd.Stderr = h.stderr
	// A signal to the terminal's process group must leave it the time to clean up.
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	h.stop = sync.OnceValue(h.end)
	if err := h.start(ctx); err != nil {
		return nil, fmt.Errorf("start host %s in %s: %w", name, dir, err)
	}
	return h, nil
}

func (h *Host) start(ctx context.Context) error {
	stdin, err := h.cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := h.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	h.stdin = stdin
	if err := h.cmd.Start(); err != nil {
		return err
	}
	// Without its input the script takes down at once what it has brought up.
	defer context.AfterFunc(ctx, func() { _ = stdin.Close() })()
	h.facts, err = readFacts(stdout)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		return nil
	}
	if stopped := h.stop(); stopped != nil {
		return stopped
	}
	return err
}

// readFacts reads lines of key=value up to "ready".
func readFacts(r io.Reader) (map[string]string, error) {
	facts := make(map[string]string)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if lines.Text() == "ready" {
			return facts, nil
		}
		key, value, _ := strings.Cut(lines.Text(), "=")
		facts[key] = value
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return nil, io.ErrUnexpectedEOF
}

// Stop ends the host's guests and processes and removes its folder. It may be
// called more than once.
func (h *Host) Stop() error { return h.stop() }

func (h *Host) end() error {
	_ = h.stdin.Close() // closed before when the start was given up
	if err := h.cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(h.stderr.Bytes()))
	}
	return nil
}

// Name is the host's name, as its own programs see it too.
func (h *Host) Name() string { return filepath.Base(h.Dir()) }

// Dir is the folder that holds what is private to the host.
func (h *Host) Dir() string { return h.facts["dir"] }

// URI reaches the host's libvirtd from outside. On the host itself it is
// qemu:///system.
func (h *Host) URI() string { return h.facts["uri"] }

// Bridge is the Linux bridge for guests.
func (h *Host) Bridge() string { return h.facts["bridge"] }

// Path is where a path on the host is found from outside, for as long as the
// host lives.
func (h *Host) Path(inside string) string {
	return filepath.Join("/proc", h.facts["pid"], "root", inside)
}

// Command prepares a program to run on the host, in this process's working
// directory. Its process id is the program's own, so that it can be killed.
func (h *Host) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, h.script, append([]string{"exec", h.Dir(), name}, args...)...)
}

// Exec runs a program on the host and returns what it wrote to standard output.
func (h *Host) Exec(ctx context.Context, name string, args ...string) (string, error) {
	cmd := h.Command(ctx, name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("run %s on host %s: %w: %s", name, h.Name(), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(out), nil
}
