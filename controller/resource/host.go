package resource

type (
	HostID      string
	JoinTokenID string
)

// HostState is what the controller knows of a host's agent.
type HostState string

const (
	HostConnecting   HostState = "Connecting"   // joined, never seen
	HostUp           HostState = "Up"           // its stream is open
	HostDisconnected HostState = "Disconnected" // its stream ended
)

// Host is a machine whose agent joined. What the agent tells of itself is
// kept, so that placement works on rows.
type Host struct {
	ID                HostID     `bun:"id,pk"`
	Name              string     `bun:"name"`
	ZoneID            ZoneID     `bun:"zone_id"`
	PodID             PodID      `bun:"pod_id"`
	ClusterID         ClusterID  `bun:"cluster_id"`
	State             HostState  `bun:"state"`
	Allocation        Allocation `bun:"allocation"`
	Address           string     `bun:"address"`
	CPUs              int        `bun:"cpus"`
	MHz               int        `bun:"mhz"`
	MemoryBytes       int64      `bun:"memory_bytes"`
	KVM               bool       `bun:"kvm"`
	Arch              string     `bun:"arch"`
	HypervisorVersion string     `bun:"hypervisor_version"`
	AgentVersion      string     `bun:"agent_version"`
	Bridges           []string   `bun:"bridges"`
	BootID            string     `bun:"boot_id"`
	Certificate       string     `bun:"certificate"` // SHA-256 of the one that is good: the newest
	Seen              Time       `bun:"seen"`
	Created           Time       `bun:"created"`
}

// JoinToken lets one agent join one cluster, once, until it expires. Only the
// digest of its secret is kept.
type JoinToken struct {
	ID        JoinTokenID `bun:"id,pk"`
	Digest    string      `bun:"digest"` // lower-case hex SHA-256 of the secret
	ClusterID ClusterID   `bun:"cluster_id"`
	Expires   Time        `bun:"expires"`
	Used      *Time       `bun:"used"`
	HostID    HostID      `bun:"host_id"`
}
