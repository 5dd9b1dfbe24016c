package fleet

import (
	"context"
	"net"
	"time"

	"google.golang.org/grpc/peer"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/pki"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

var hostColumns = []string{
	"state", "address", "cpus", "mhz", "memory_bytes", "kvm", "arch", "hypervisor_version", "agent_version", "bridges", "boot_id", "seen",
}

// arrived writes what the agent says of its host. A host that was deleted is
// NotFound, one that shows an older certificate than its last is Denied.
func (f *Fleet) arrived(ctx context.Context, id resource.HostID, hello *agentv1.Hello) error {
	host, err := store.Get[resource.Host](ctx, f.store, id)
	if err != nil {
		return err
	}
	if digest, err := pki.PeerDigest(ctx); err != nil || digest != host.Certificate {
		return fault.Wrap(fault.Denied, err, "host %s has joined again since", host.Name)
	}
	describe(host, hello.GetFacts())
	host.State, host.AgentVersion, host.BootID, host.Seen = resource.HostUp, hello.GetVersion(), hello.GetBootId(), time.Now().UTC()
	if from, known := peer.FromContext(ctx); known {
		if address, _, err := net.SplitHostPort(from.Addr.String()); err == nil {
			host.Address = address
		}
	}
	return store.Update(ctx, f.store, host, hostColumns...)
}

func (f *Fleet) departed(ctx context.Context, id resource.HostID) error {
	host, err := store.Get[resource.Host](ctx, f.store, id)
	if err != nil {
		return err
	}
	host.State, host.Seen = resource.HostDisconnected, time.Now().UTC()
	return store.Update(ctx, f.store, host, "state", "seen")
}

// seenEvery is how exactly the time is kept at which a host was heard last.
const seenEvery = time.Minute

// seen writes facts that changed, and now and then that the host was heard.
func (f *Fleet) seen(ctx context.Context, s *session, facts *agentv1.HostFacts) error {
	now := time.Now().UTC()
	if facts == nil {
		if now.Sub(s.seen) < seenEvery {
			return nil
		}
		s.seen = now
		return store.Update(ctx, f.store, &resource.Host{ID: s.host, Seen: now}, "seen")
	}
	host, err := store.Get[resource.Host](ctx, f.store, s.host)
	if err != nil {
		return err
	}
	describe(host, facts)
	host.Seen, s.seen = now, now
	return store.Update(ctx, f.store, host, hostColumns...)
}

// describe takes over what is known of the host. While its hypervisor does not
// answer, that is nothing, and what was known before stands.
func describe(host *resource.Host, facts *agentv1.HostFacts) {
	if facts.GetCpus() == 0 {
		return
	}
	host.CPUs, host.MHz = int(facts.GetCpus()), int(facts.GetCpuMhz())
	host.MemoryBytes, host.KVM, host.Arch = int64(facts.GetMemoryBytes()), facts.GetKvm(), facts.GetArch()
	host.HypervisorVersion, host.Bridges = facts.GetHypervisorVersion(), facts.GetBridges()
}
