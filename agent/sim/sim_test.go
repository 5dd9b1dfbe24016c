package sim_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairn-kvm/cairn/agent/action/actiontest"
	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/agent/sim"
	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
)

const (
	templateURL = "http://images.example/debian.qcow2"
	garbageURL  = "http://images.example/index.html"
	vmID        = "6c4d1d5e-7b1f-4c50-9f0e-0b6b3c0a1f11"
)

var (
	cache = storage.Place{Kind: storage.HostCache}
	pool  = storage.Place{Kind: storage.Directory, ID: "pool-1", Path: "/pools/one"}
)

func spec() domain.Spec {
	return domain.Spec{VM: vmID, Name: "i-2-1-VM", Epoch: 1, CPUs: 1, MemoryBytes: 1 << 30, KVM: true}
}

func TestSuite(t *testing.T) {
	t.Parallel()
	actiontest.Suite(t, func(*testing.T) actiontest.Fixture {
		content := []byte("a template")
		sum := sha256.Sum256(content)
		pools := sim.NewPools()
		pools.Publish(templateURL, sim.Published{Content: content, Format: "qcow2", SizeBytes: 1 << 30})
		pools.Publish(garbageURL, sim.Published{Content: []byte("<html>")})
		host := sim.New(sim.Config{Pools: pools})
		return actiontest.Fixture{
			Hypervisor: host, Storage: host, Pool: pool, Store: storage.Place{Kind: storage.Directory, Path: "/stores/one"},
			Template: actiontest.Template{URL: templateURL, Format: "qcow2", SHA256: hex.EncodeToString(sum[:]), SizeBytes: 1 << 30},
			Garbage:  garbageURL,
			Read:     func(path string) ([]byte, error) { return read(host, pools, path) },
			Spec:     spec(),
		}
	})
}

func read(host *sim.Host, pools *sim.Pools, path string) ([]byte, error) {
	if content, found := pools.Read(path); found {
		return content, nil
	}
	if content, found := host.Image(cache, strings.TrimSuffix(path[strings.LastIndex(path, "/")+1:], ".iso")); found {
		return content, nil
	}
	return nil, fs.ErrNotExist
}

func TestHostsSharePoolsButNotTheirCaches(t *testing.T) {
	t.Parallel()
	pools := sim.NewPools()
	a, b := sim.New(sim.Config{Name: "a", Pools: pools}), sim.New(sim.Config{Name: "b", Pools: pools})
	for _, at := range []storage.Place{cache, pool} {
		if _, _, err := a.PutImage(t.Context(), at, "i-2-1-VM", []byte("image")); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := b.Image(pool, "i-2-1-VM"); !bytes.Equal(got, []byte("image")) {
		t.Errorf("in the pool b finds %q", got)
	}
	if _, found := b.Image(cache, "i-2-1-VM"); found {
		t.Error("b finds what is in the cache of a")
	}
}

func TestMishaps(t *testing.T) {
	t.Parallel()
	h, fire := sim.New(sim.Config{}), errors.New("on fire")
	h.Fail("Start", 2, fire)
	for call, want := range []error{nil, fire, nil} {
		if err := h.Start(t.Context(), spec()); !errors.Is(err, want) {
			t.Errorf("call %d: %v", call+1, err)
		}
	}
	h.Away()
	if _, err := h.VMs(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("away: %v", err)
	}
	<-h.Changes()
	h.Back()
	<-h.Changes()
	if vms, err := h.VMs(t.Context()); len(vms) != 1 || err != nil {
		t.Errorf("back: %v, %v", vms, err)
	}
	h.Crash(vmID)
	<-h.Changes()
	if vms, err := h.VMs(t.Context()); len(vms) != 0 || err != nil {
		t.Errorf("crashed: %v, %v", vms, err)
	}
}

func TestHold(t *testing.T) {
	t.Parallel()
	h := sim.New(sim.Config{})
	hold := h.Hold("PutImage")
	put := make(chan error, 1)
	go func() { _, _, err := h.PutImage(t.Context(), cache, "a", []byte("image")); put <- err }()
	<-hold.Reached()
	if _, found := h.Image(cache, "a"); found {
		t.Error("a call that is held had its effect")
	}
	hold.Release()
	if err := <-put; err != nil {
		t.Error(err)
	}
	if _, found := h.Image(cache, "a"); !found {
		t.Error("a call that was released had no effect")
	}
}

func TestAFullPool(t *testing.T) {
	t.Parallel()
	pools := sim.NewPools()
	h := sim.New(sim.Config{Pools: pools})
	pools.Fill(pool.Path, true)
	if _, _, err := h.PutImage(t.Context(), pool, "a", []byte("image")); !fault.Is(err, fault.NoCapacity) {
		t.Errorf("full: %v", err)
	}
	if _, _, err := h.PutImage(t.Context(), cache, "a", []byte("image")); err != nil {
		t.Errorf("elsewhere: %v", err)
	}
	pools.Fill(pool.Path, false)
	if _, _, err := h.PutImage(t.Context(), pool, "a", []byte("image")); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestADeafGuestIsStoppedAfterItsGrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := sim.New(sim.Config{})
		if err := h.Start(t.Context(), spec()); err != nil {
			t.Fatal(err)
		}
		h.Deafen(vmID)
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := h.Stop(soon, vmID, false, time.Minute); !fault.Is(err, fault.Timeout) {
			t.Errorf("before its grace: %v", err)
		}
		asked := time.Now()
		if was, err := h.Stop(t.Context(), vmID, false, time.Minute); !was || err != nil || time.Since(asked) != time.Minute {
			t.Errorf("after %s: %t, %v", time.Since(asked), was, err)
		}
	})
}

func TestSnapshotShowsEveryChange(t *testing.T) {
	t.Parallel()
	h := sim.New(sim.Config{})
	empty := len(h.Snapshot())
	if _, _, err := h.PutImage(t.Context(), cache, "a", []byte("image")); err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context(), spec()); err != nil {
		t.Fatal(err)
	}
	if got := len(h.Snapshot()); got != empty+2 {
		t.Errorf("%d things stand", got)
	}
}
