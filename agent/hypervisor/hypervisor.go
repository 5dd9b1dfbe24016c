// Package hypervisor is the only one that speaks to libvirt: it starts, stops
// and lists domains, and tells when to look again.
//
// What it assumes of libvirt is little. A call may hang for ever, so that every
// call has a deadline of ours, and few may hang at a time; IsAlive proves
// nothing, so that keepalive finds out; the daemon may go at any time, so that
// connections are made anew, with growing pauses, and callbacks registered
// again. Callbacks only ring a bell: whoever hears it looks for itself.
//
// Domains are transient, and only those with our metadata are ever touched.
//
// Build with -tags libvirt_dlopen: the binary then needs no libvirt to start.
//
// In:  specs of VMs, from package action; their XML, from package domain.
// Out: VMs, facts and "look again", to packages action and link.
package hypervisor

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// Config says how to reach libvirt. The zero value reaches the system's own.
type Config struct {
	URI string // qemu:///system

	CallTimeout       time.Duration // of one call; 30 s
	StartTimeout      time.Duration // of a start, which may have to probe every emulator first; 3 min
	KeepaliveInterval time.Duration // a connection is dead after three of them without an answer; 5 s

	// Virtualization is "auto", "kvm" or "tcg": whether guests run on
	// hardware is found out, or the operator knows better.
	Virtualization string

	// Proc, Sys and Dev are where /proc, /sys and /dev are.
	Proc, Sys, Dev string

	// Observe, where set, hears of every finished call, by libvirt's name for
	// it. It may be called at the same time from several goroutines.
	Observe func(call string, took time.Duration, err error)
}

func (c Config) withDefaults() Config {
	c.URI = cmp.Or(c.URI, "qemu:///system")
	c.CallTimeout = cmp.Or(c.CallTimeout, 30*time.Second)
	c.StartTimeout = cmp.Or(c.StartTimeout, 3*time.Minute)
	c.KeepaliveInterval = cmp.Or(c.KeepaliveInterval, 5*time.Second)
	c.Virtualization = cmp.Or(c.Virtualization, auto)
	c.Proc, c.Sys, c.Dev = cmp.Or(c.Proc, "/proc"), cmp.Or(c.Sys, "/sys"), cmp.Or(c.Dev, "/dev")
	if c.Observe == nil {
		c.Observe = func(string, time.Duration, error) {}
	}
	return c
}

// A Host is libvirt on this machine. It is safe for use by many at once; two
// calls on one VM at a time are the caller's to avoid.
type Host struct {
	config  Config
	log     *slog.Logger
	changes *bell
	line    *line
	stop    context.CancelFunc
	running sync.WaitGroup
}

// Open begins to keep connections to libvirt, and waits until the first
// attempt has succeeded or not. A libvirt that is away is no error: calls
// are Unavailable until it is back, and [Host.Changes] tells when.
func Open(ctx context.Context, config Config, log *slog.Logger) (*Host, error) {
	config = config.withDefaults()
	if err := checkVirtualization(config.Virtualization); err != nil {
		return nil, err
	}
	if err := startEvents(log); err != nil {
		return nil, err
	}
	h := &Host{config: config, log: log, changes: newBell()}
	h.line = newLine(config, log, h.changes.ring)
	h.run()
	h.await(ctx)
	if err := ctx.Err(); err != nil {
		_ = h.Close() // the caller has given up, and hears of that
		return nil, err
	}
	return h, nil
}

// run keeps the connections until Close. Their life is not that of Open's
// context.
func (h *Host) run() {
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	h.running.Go(func() { h.line.keep(ctx) })
}

func (h *Host) await(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, h.config.CallTimeout)
	defer cancel()
	if s, err := h.line.session(ctx); err == nil {
		s.release()
	}
}

// Changes tells to look again: a VM may have changed, or libvirt came or went.
// Many changes may come as one.
func (h *Host) Changes() <-chan struct{} { return h.changes.heard }

// Close ends the connections, not the VMs. Calls that libvirt does not answer
// keep it waiting for one call timeout at most.
func (h *Host) Close() error {
	h.stop()
	closed := make(chan struct{})
	go func() {
		h.running.Wait()
		h.line.calls.Wait()
		close(closed)
	}()
	select {
	case <-closed:
		return nil
	case <-time.After(h.config.CallTimeout):
		return fault.New(fault.Timeout, "libvirt did not let go of its connections within %s", h.config.CallTimeout)
	}
}
