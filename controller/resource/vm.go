package resource

import (
	"slices"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// VMID is the uuid of a VM: in the API, in the domain, on the drive.
type VMID string

// VMState is CloudStack's word for what a VM is doing.
type VMState string

const (
	VMStopped   VMState = "Stopped"
	VMStarting  VMState = "Starting"
	VMRunning   VMState = "Running"
	VMStopping  VMState = "Stopping"
	VMDestroyed VMState = "Destroyed"
	VMExpunging VMState = "Expunging"
	VMError     VMState = "Error"
)

// VMMoves are the legal moves of a VM: every change of state passes [VM.Move].
var VMMoves = map[VMState][]VMState{
	VMStopped:   {VMStarting, VMDestroyed, VMExpunging},
	VMStarting:  {VMRunning, VMStopping, VMStopped, VMError},
	VMRunning:   {VMStopping},
	VMStopping:  {VMStopped, VMRunning},
	VMDestroyed: {VMStopped, VMExpunging},
	VMError:     {VMDestroyed, VMExpunging},
	VMExpunging: {},
}

// VM is a virtual machine as the tenant asked for it, and where it is now.
type VM struct {
	ID VMID `bun:"id,pk"`
	Owner
	Number       int64             `bun:"number"` // small, never reused: part of InstanceName
	Name         string            `bun:"name"`   // the guest's host name
	DisplayName  string            `bun:"display_name"`
	InstanceName string            `bun:"instance_name"` // i-<account>-<number>-VM: the domain's name
	State        VMState           `bun:"state"`
	ZoneID       ZoneID            `bun:"zone_id"`
	HostID       HostID            `bun:"host_id"` // where it runs or is about to; empty when stopped
	LastHostID   HostID            `bun:"last_host_id"`
	OfferingID   ServiceOfferingID `bun:"offering_id"`
	TemplateID   TemplateID        `bun:"template_id"`
	OSTypeID     string            `bun:"os_type_id"` // the template's, which may be deleted before the VM
	UserID       UserID            `bun:"user_id"`    // who deployed it
	CPUs         int               `bun:"cpus"`
	MHz          int               `bun:"mhz"`
	MemoryMiB    int               `bun:"memory_mib"`
	UserData     Sealed            `bun:"user_data"` // exact bytes, decoded
	KeyPairs     []string          `bun:"key_pairs"` // names
	PublicKeys   []string          `bun:"public_keys"`
	Password     Sealed            `bun:"password"`      // on the drive of one run
	PasswordUsed bool              `bun:"password_used"` // that run has begun: gone at its end
	Details      map[string]string `bun:"details"`
	Epoch        int64             `bun:"epoch"` // grows with each job that acts on hosts
	DrivePlace   string            `bun:"drive_place"`
	DriveSHA256  string            `bun:"drive_sha256"`
	Created      Time              `bun:"created"`
	Updated      Time              `bun:"updated"`
}

// Move changes the state or says why it may not.
func (vm *VM) Move(to VMState) error {
	if !slices.Contains(VMMoves[vm.State], to) {
		return fault.New(fault.Conflict, "virtual machine %s is %s and cannot become %s", vm.ID, vm.State, to)
	}
	vm.State = to
	return nil
}
