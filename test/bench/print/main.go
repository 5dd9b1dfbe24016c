// Command print measures and prints the figures of one run, each beside its
// rival and its goal.
//
// In:  the programs in bin/, root's rights.
// Out: a table.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/cairn-kvm/cairn/test/bench"
	"github.com/cairn-kvm/cairn/test/lab"
	"github.com/cairn-kvm/cairn/test/lab/cloud"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Minute)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func row(what, ours, rival, ratio, goal string) {
	fmt.Printf("%-34s %14s %22s %10s   %s\n", what, ours, rival, ratio, goal)
}

func run(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("/var/tmp", "cairn-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // QEMU's user must reach its images
		return err
	}
	row("figure (medians)", "Cairn", "rival", "ratio", "goal")
	if err := images(dir); err != nil {
		return err
	}
	return deploys(ctx, dir)
}

func images(dir string) error {
	image, err := bench.MeasureImages()
	if err != nil {
		return err
	}
	row("build a drive, 13 files", us(image.Ours), us(image.Genisoimage)+" genisoimage",
		fmt.Sprintf("%.0fx", image.Genisoimage.Seconds()/image.Ours.Seconds()), "at least 40x faster")
	row("its size", kb(image.OurBytes), kb(image.GenisoimageSize)+" genisoimage", "", "at most 140 KB")
	write, err := bench.MeasureWrites(dir)
	if err != nil {
		return err
	}
	row("put it on disk for good", us(write.Ours), us(write.Plain)+" bare calls",
		fmt.Sprintf("%.2f", write.Ours.Seconds()/write.Plain.Seconds()), "at most 1.5")
	return nil
}

func us(d time.Duration) string { return fmt.Sprintf("%d us", d.Microseconds()) }
func kb(n int64) string         { return fmt.Sprintf("%d KB", (n+999)/1000) }
func ms(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }
func mb(n int64) string         { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

func deploys(ctx context.Context, dir string) (err error) {
	probe, err := lab.Probe(ctx)
	if err != nil {
		return err
	}
	host, err := lab.StartHost(ctx, dir, "kvm1")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.Stop()) }()
	bin, err := filepath.Abs("bin")
	if err != nil {
		return err
	}
	c, err := cloud.Up(ctx, cloud.Config{Bin: bin, Dir: filepath.Join(dir, "cloud"), Images: filepath.Join(dir, "images"), Host: host})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Down()) }()
	template, err := c.AddTemplate(ctx, "probe", probe.Disk)
	if err != nil {
		return err
	}
	figures, err := bench.MeasureDeploys(ctx, c, host, template, dir)
	if err != nil {
		return err
	}
	row("deploy to running", ms(figures.Ours), ms(figures.Virsh)+" virsh define+start",
		fmt.Sprintf("%.2f", figures.Ours.Seconds()/figures.Virsh.Seconds()),
		fmt.Sprintf("at most 1.25 and 100 ms: %s", ms(figures.Virsh*5/4+100*time.Millisecond)))
	return memory(ctx, c, template)
}

// idle is how long the programs are left alone before they are weighed.
const idle = 20 * time.Second

func memory(ctx context.Context, c *cloud.Cloud, template string) error {
	if _, err := c.Client.VirtualMachine.DeployVirtualMachine(c.Deployment(template, "idle")); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(idle):
	}
	for _, program := range []struct {
		name string
		pid  int
		goal string
	}{{"agent", c.Agent.PID(), "at most 40 MB"}, {"controller", c.Controller.PID(), "at most 80 MB"}} {
		resident, err := bench.Resident(program.pid)
		if err != nil {
			return err
		}
		row("resident, idle, one VM: "+program.name, mb(resident), "", "", program.goal)
	}
	return nil
}
