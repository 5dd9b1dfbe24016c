// Package sim is a host in memory: it has the faces of the real hypervisor
// and storage, and a test can make it fail, hold still, lose its hypervisor or
// crash a guest. Several hosts may share their pools, as real ones do.
//
// In:  calls, from packages action and link; mishaps, from tests.
// Out: what stands on the host, to tests.
package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"sync"

	"github.com/cairn-kvm/cairn/agent/domain"
)

// Config says what kind of host it is. The zero value is a host of its own
// with 16 CPUs at 2.5 GHz, 64 GiB and KVM.
type Config struct {
	Name  string       // tells hosts apart that share pools
	Facts domain.Facts // those with CPUs count
	Pools *Pools       // nil: its own
}

// Host is a simulated host. It is safe for concurrent use.
type Host struct {
	mishaps
	pools   *Pools
	name    string
	changes chan struct{}

	mu    sync.Mutex
	facts domain.Facts
	vms   map[string]*vm
}

// New makes a host without VMs.
func New(c Config) *Host {
	if c.Pools == nil {
		c.Pools = NewPools()
	}
	if c.Facts.CPUs == 0 {
		c.Facts = domain.Facts{
			CPUs: 16, MHz: 2500, MemoryBytes: 64 << 30, KVM: true, Arch: "x86_64",
			HypervisorVersion: "sim", LibvirtVersion: "sim", Bridges: []string{"br0"},
		}
	}
	return &Host{
		mishaps: newMishaps(), pools: c.Pools, name: c.Name, facts: c.Facts,
		changes: make(chan struct{}, 1), vms: map[string]*vm{},
	}
}

// Snapshot is all that stands on the host and in its pools, by name: two
// snapshots are equal where nothing has changed.
func (h *Host) Snapshot() map[string]string {
	h.mu.Lock()
	defer h.mu.Unlock()
	stands := map[string]string{}
	for id, vm := range h.vms {
		stands["vm "+id] = fmt.Sprintf("%+v", vm.spec)
	}
	maps.Copy(stands, h.pools.snapshot())
	return stands
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
