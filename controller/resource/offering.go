package resource

type (
	ServiceOfferingID string
	SSHKeyID          string
)

// ServiceOffering is a size of VM. Custom offerings leave the size to the
// deployment.
type ServiceOffering struct {
	ID          ServiceOfferingID `bun:"id,pk"`
	Name        string            `bun:"name"`
	DisplayText string            `bun:"display_text"`
	CPUs        int               `bun:"cpus"`
	MHz         int               `bun:"mhz"`
	MemoryMiB   int               `bun:"memory_mib"`
	Custom      bool              `bun:"custom"`
	HostTags    string            `bun:"host_tags"`
	StorageTags string            `bun:"storage_tags"`
	StorageType string            `bun:"storage_type"`
	RootGiB     int               `bun:"root_gib"`
	OfferHA     bool              `bun:"offer_ha"`
	LimitCPUUse bool              `bun:"limit_cpu_use"`
	State       string            `bun:"state"` // Active, Inactive
	Created     Time              `bun:"created"`
}

// SSHKey is a public key that an account can give to its VMs. The private
// half of a created pair is told once and never kept.
type SSHKey struct {
	ID SSHKeyID `bun:"id,pk"`
	Owner
	Name        string `bun:"name"`
	PublicKey   string `bun:"public_key"`
	Fingerprint string `bun:"fingerprint"` // MD5, colon hex, as CloudStack shows it
	Created     Time   `bun:"created"`
}
