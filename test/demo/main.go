// Command demo shows a whole cloud on one machine: a controller, an agent on a
// KVM host of its own (in namespaces), and guests that tell what they read from
// their config drives.
//
//	demo up     start it, deploy two VMs, show what they saw, leave it running
//	demo down   end it
//
// In:  the programs in bin/, root's rights.
// Out: .demo/ with the client's environment, logs, database and consoles.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// demo is where things are.
type demo struct {
	dir    string // .demo
	bin    string
	images string // what QEMU's user must reach: homes often cannot be
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("run as root: it starts a libvirtd of its own")
	}
	d := demo{dir: filepath.Join(here, ".demo"), bin: filepath.Join(here, "bin"), images: imagesOf(here)}
	switch {
	case len(args) == 1 && args[0] == "up":
		return d.up(ctx)
	case len(args) == 1 && args[0] == "down":
		return d.down(ctx)
	}
	return fmt.Errorf("usage: demo up | demo down")
}

// say prints a line of progress with the time since the start.
type teller struct{ start time.Time }

func (t teller) say(format string, args ...any) {
	fmt.Printf("%5.1fs  %s\n", time.Since(t.start).Seconds(), fmt.Sprintf(format, args...))
}
