package actiontest

import (
	"context"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/internal/fault"
)

const (
	vmID = "5d2a9a0e-3c61-4a57-9a4e-6b6f0d8f2c31"
	name = "i-2-1-VM"
)

// spec is the fixture's VM with a disk and a drive, which are made.
func spec(t *testing.T, ctx context.Context, f Fixture) domain.Spec {
	t.Helper()
	fetch(t, ctx, f)
	disk := makeVolume(t, ctx, f, volumeSpec(f))
	s := f.Spec
	s.VM, s.Name, s.Epoch = vmID, name, 7
	s.Disks = []domain.Disk{{Path: disk.Path, Format: disk.Format, Serial: "volume-1"}}
	s.Drive = domain.Drive{Path: put(t, ctx, f, f.Pool, []byte("an image"), true), SHA256: "0123"}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if _, err := f.Hypervisor.Stop(ctx, vmID, true, 0); err != nil {
			t.Error(err)
		}
	})
	return s
}

func started(t *testing.T, ctx context.Context, f Fixture) domain.Spec {
	t.Helper()
	s := spec(t, ctx, f)
	if err := f.Hypervisor.Start(ctx, s); err != nil {
		t.Fatal(err)
	}
	return s
}

func start(t *testing.T, ctx context.Context, f Fixture) {
	if _, found, err := f.Hypervisor.VM(ctx, vmID); found || err != nil {
		t.Errorf("before: %t, %v", found, err)
	}
	started(t, ctx, f)
	want := domain.VM{ID: vmID, Name: name, State: domain.Running, Epoch: 7, DriveSHA256: "0123"}
	if got, found, err := f.Hypervisor.VM(ctx, vmID); got != want || !found || err != nil {
		t.Errorf("found %+v, %t, %v", got, found, err)
	}
	if got, err := f.Hypervisor.VMs(ctx); len(got) != 1 || got[0] != want || err != nil {
		t.Errorf("listed %+v, %v", got, err)
	}
}

func startTwice(t *testing.T, ctx context.Context, f Fixture) {
	s := started(t, ctx, f)
	if err := f.Hypervisor.Start(ctx, s); err != nil {
		t.Error(err)
	}
	if got, err := f.Hypervisor.VMs(ctx); len(got) != 1 || err != nil {
		t.Errorf("listed %+v, %v", got, err)
	}
}

func startStale(t *testing.T, ctx context.Context, f Fixture) {
	s := started(t, ctx, f)
	for _, epoch := range []uint64{6, 8} {
		s.Epoch = epoch
		if err := f.Hypervisor.Start(ctx, s); !fault.Is(err, fault.Conflict) {
			t.Errorf("with epoch %d: %v", epoch, err)
		}
	}
	if got, _, err := f.Hypervisor.VM(ctx, vmID); got.Epoch != 7 || err != nil {
		t.Errorf("it became %+v, %v", got, err)
	}
}

func startWithoutDisk(t *testing.T, ctx context.Context, f Fixture) {
	s := spec(t, ctx, f)
	s.Disks[0].Path += ".absent"
	if err := f.Hypervisor.Start(ctx, s); err == nil {
		t.Error("it started")
	}
	if got, err := f.Hypervisor.VMs(ctx); len(got) != 0 || err != nil {
		t.Errorf("left behind: %+v, %v", got, err)
	}
}

func stop(t *testing.T, ctx context.Context, f Fixture) {
	s := started(t, ctx, f)
	for _, way := range []struct {
		forced bool
		grace  time.Duration
	}{{true, 0}, {false, time.Second}} {
		if err := f.Hypervisor.Start(ctx, s); err != nil {
			t.Fatal(err)
		}
		for _, running := range []bool{true, false} {
			if was, err := f.Hypervisor.Stop(ctx, vmID, way.forced, way.grace); was != running || err != nil {
				t.Errorf("forced %t: was running %t, %v; want %t", way.forced, was, err, running)
			}
		}
		if _, found, err := f.Hypervisor.VM(ctx, vmID); found || err != nil {
			t.Errorf("forced %t: afterwards %t, %v", way.forced, found, err)
		}
	}
}

func changes(t *testing.T, ctx context.Context, f Fixture) {
	await := func(what string) {
		t.Helper()
		select {
		case <-f.Hypervisor.Changes():
		case <-ctx.Done():
			t.Errorf("%s was not told", what)
		}
	}
	quiet(f)
	started(t, ctx, f)
	await("the start")
	quiet(f)
	if _, err := f.Hypervisor.Stop(ctx, vmID, true, 0); err != nil {
		t.Fatal(err)
	}
	await("the stop")
}

// quiet takes what was told before.
func quiet(f Fixture) {
	select {
	case <-f.Hypervisor.Changes():
	default:
	}
}

func facts(t *testing.T, ctx context.Context, f Fixture) {
	got, err := f.Hypervisor.Facts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got.CPUs == 0 || got.MHz == 0 || got.MemoryBytes == 0 || got.Arch == "" || got.HypervisorVersion == "" || got.LibvirtVersion == "" {
		t.Errorf("it says %+v", got)
	}
	if !got.KVM && got.WhyNoKVM == "" {
		t.Error("it does not say why guests are emulated")
	}
}

func cancelledHypervisor(t *testing.T, ctx context.Context, f Fixture) {
	s := spec(t, ctx, f)
	over, cancel := context.WithCancel(ctx)
	cancel()
	if err := f.Hypervisor.Start(over, s); err == nil {
		t.Error("a VM was started")
	}
	if _, err := f.Hypervisor.VMs(over); err == nil {
		t.Error("VMs were listed")
	}
	if got, err := f.Hypervisor.VMs(ctx); len(got) != 0 || err != nil {
		t.Errorf("left behind: %+v, %v", got, err)
	}
}
