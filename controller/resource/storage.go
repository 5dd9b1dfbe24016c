package resource

type (
	PoolID     string
	StoreID    string
	VolumeID   string
	TemplateID string
)

// PoolType is CloudStack's word for the backend of a primary pool.
type PoolType string

const (
	PoolFilesystem        PoolType = "Filesystem"        // a directory of one host
	PoolSharedMountPoint  PoolType = "SharedMountPoint"  // a directory that each host of the scope has mounted
	PoolNetworkFilesystem PoolType = "NetworkFilesystem" // an export that libvirt mounts
)

// Pool is primary storage: where volumes lie while their VM runs.
type Pool struct {
	ID         PoolID     `bun:"id,pk"`
	Name       string     `bun:"name"`
	Type       PoolType   `bun:"type"`
	Scope      string     `bun:"scope"` // CLUSTER, ZONE, HOST
	ZoneID     ZoneID     `bun:"zone_id"`
	PodID      PodID      `bun:"pod_id"`
	ClusterID  ClusterID  `bun:"cluster_id"`
	Path       string     `bun:"path"`
	URL        string     `bun:"url"`
	Tags       string     `bun:"tags"` // separated by commas
	State      string     `bun:"state"`
	Allocation Allocation `bun:"allocation"`
	Created    Time       `bun:"created"`
}

// Store is secondary storage: where templates, ISOs and drives lie.
type Store struct {
	ID       StoreID `bun:"id,pk"`
	Name     string  `bun:"name"`
	Provider string  `bun:"provider"`
	ZoneID   ZoneID  `bun:"zone_id"`
	URL      string  `bun:"url"`
	Path     string  `bun:"path"`
	Created  Time    `bun:"created"`
}

// TemplateState is how far a template has come into its store.
type TemplateState string

const (
	TemplateRegistered TemplateState = "Registered"
	TemplateReady      TemplateState = "Ready"
	TemplateRefused    TemplateState = "Refused" // not an image, wrong checksum, not reachable: Problem says which
)

// Template is an image that root disks start from. Fetching is the host that
// was asked to bring it.
type Template struct {
	ID TemplateID `bun:"id,pk"`
	Owner
	ZoneID          ZoneID            `bun:"zone_id"`
	StoreID         StoreID           `bun:"store_id"`
	Name            string            `bun:"name"`
	DisplayText     string            `bun:"display_text"`
	URL             string            `bun:"url"`
	Format          string            `bun:"format"` // QCOW2, RAW
	Checksum        string            `bun:"checksum"`
	OSTypeID        string            `bun:"os_type_id"`
	PasswordEnabled bool              `bun:"password_enabled"`
	SSHKeyEnabled   bool              `bun:"ssh_key_enabled"`
	Public          bool              `bun:"public"`
	Featured        bool              `bun:"featured"`
	Extractable     bool              `bun:"extractable"`
	Bits            int               `bun:"bits"`
	Arch            string            `bun:"arch"`
	Details         map[string]string `bun:"details"`
	State           TemplateState     `bun:"state"`
	Problem         string            `bun:"problem"`
	SHA256          string            `bun:"sha256"`
	SizeBytes       int64             `bun:"size_bytes"`
	PhysicalBytes   int64             `bun:"physical_bytes"`
	Created         Time              `bun:"created"`
}

// VolumeState is the life of a disk.
type VolumeState string

const (
	VolumeAllocated VolumeState = "Allocated" // a row, no image
	VolumeReady     VolumeState = "Ready"
)

// Volume is a disk of a VM.
type Volume struct {
	ID VolumeID `bun:"id,pk"`
	Owner
	ZoneID     ZoneID      `bun:"zone_id"`
	VMID       VMID        `bun:"vm_id"`
	PoolID     PoolID      `bun:"pool_id"`
	TemplateID TemplateID  `bun:"template_id"`
	Name       string      `bun:"name"`
	Type       string      `bun:"type"` // ROOT, DATADISK
	Device     int         `bun:"device"`
	Path       string      `bun:"path"`
	Format     string      `bun:"format"`
	SizeBytes  int64       `bun:"size_bytes"`
	State      VolumeState `bun:"state"`
	Created    Time        `bun:"created"`
}
