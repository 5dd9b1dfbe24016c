package domain

// A VM is a domain of ours as the host has it.
type VM struct {
	ID          string
	Name        string
	State       State
	Epoch       uint64
	DriveSHA256 string
}

// State is what a controller needs to know of libvirt's states.
type State uint8

const (
	Unknown State = iota // libvirt does not say
	Running              // also while the guest shuts down
	Paused               // also asleep
	Stopped              // a definition without a process
)

func (s State) String() string {
	switch s {
	case Running:
		return "running"
	case Paused:
		return "paused"
	case Stopped:
		return "stopped"
	default:
		return "unknown"
	}
}

// Facts is what a host has to offer.
type Facts struct {
	CPUs              uint
	MHz               uint // of one CPU
	MemoryBytes       uint64
	KVM               bool   // guests run on hardware
	WhyNoKVM          string // why they do not
	HypervisorVersion string // QEMU's, such as 7.2.22
	LibvirtVersion    string
	Arch              string   // x86_64, aarch64
	Bridges           []string // sorted
}
