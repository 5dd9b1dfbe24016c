package resource

type (
	ZoneID    string
	PodID     string
	ClusterID string
)

// Allocation says whether new work may be placed here.
type Allocation string

const (
	AllocationEnabled  Allocation = "Enabled"
	AllocationDisabled Allocation = "Disabled"
)

// Values lists the words of the wire.
func (Allocation) Values() []string { return []string{"Enabled", "Disabled"} }

// Zone is a site: what is in it can reach each other.
type Zone struct {
	ID           ZoneID     `bun:"id,pk"`
	Name         string     `bun:"name"`
	NetworkType  string     `bun:"network_type"`
	DNS1         string     `bun:"dns1"`
	DNS2         string     `bun:"dns2"`
	InternalDNS1 string     `bun:"internal_dns1"`
	InternalDNS2 string     `bun:"internal_dns2"`
	IP6DNS1      string     `bun:"ip6_dns1"`
	IP6DNS2      string     `bun:"ip6_dns2"`
	GuestCIDR    string     `bun:"guest_cidr"`
	Domain       string     `bun:"domain"`
	LocalStorage bool       `bun:"local_storage"`
	Allocation   Allocation `bun:"allocation"`
	Created      Time       `bun:"created"`
}

// Pod is a rack of a zone.
type Pod struct {
	ID         PodID      `bun:"id,pk"`
	ZoneID     ZoneID     `bun:"zone_id"`
	Name       string     `bun:"name"`
	Gateway    string     `bun:"gateway"`
	Netmask    string     `bun:"netmask"`
	StartIP    string     `bun:"start_ip"`
	EndIP      string     `bun:"end_ip"`
	Allocation Allocation `bun:"allocation"`
	Created    Time       `bun:"created"`
}

// Cluster is a set of hosts that share primary storage.
type Cluster struct {
	ID         ClusterID  `bun:"id,pk"`
	ZoneID     ZoneID     `bun:"zone_id"`
	PodID      PodID      `bun:"pod_id"`
	Name       string     `bun:"name"`
	Allocation Allocation `bun:"allocation"`
	Created    Time       `bun:"created"`
}
