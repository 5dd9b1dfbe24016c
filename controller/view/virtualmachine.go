package view

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// VirtualMachine is CloudStack's virtual machine object.
type VirtualMachine struct {
	ID                  resource.VMID              `json:"id" doc:"the id of the VM"`
	Name                string                     `json:"name,omitempty" doc:"its name, which is the guest's host name"`
	DisplayName         string                     `json:"displayname,omitempty" doc:"its name for people"`
	State               resource.VMState           `json:"state" doc:"what it is doing"`
	Account             string                     `json:"account,omitempty" doc:"the account that owns it"`
	Domain              string                     `json:"domain,omitempty" doc:"the domain of its owner"`
	DomainID            resource.DomainID          `json:"domainid,omitempty" doc:"the id of the domain of its owner"`
	DomainPath          string                     `json:"domainpath,omitempty" doc:"the path of the domain of its owner"`
	UserID              resource.UserID            `json:"userid,omitempty" doc:"who deployed it"`
	Username            string                     `json:"username,omitempty" doc:"the name of who deployed it"`
	ZoneID              resource.ZoneID            `json:"zoneid,omitempty" doc:"the zone it is in"`
	ZoneName            string                     `json:"zonename,omitempty" doc:"the name of the zone"`
	HostID              resource.HostID            `json:"hostid,omitempty" doc:"the host it runs on; for admins"`
	HostName            string                     `json:"hostname,omitempty" doc:"the name of the host; for admins"`
	InstanceName        string                     `json:"instancename,omitempty" doc:"the name of its domain on the host; for admins"`
	TemplateID          resource.TemplateID        `json:"templateid,omitempty" doc:"what its root disk started from"`
	TemplateName        string                     `json:"templatename,omitempty" doc:"the name of the template"`
	TemplateDisplayText string                     `json:"templatedisplaytext,omitempty" doc:"more about the template"`
	PasswordEnabled     bool                       `json:"passwordenabled" doc:"whether its password can be set"`
	OfferingID          resource.ServiceOfferingID `json:"serviceofferingid,omitempty" doc:"its size"`
	OfferingName        string                     `json:"serviceofferingname,omitempty" doc:"the name of its size"`
	CPUs                int                        `json:"cpunumber,omitempty" doc:"how many CPUs it has"`
	MHz                 int                        `json:"cpuspeed,omitempty" doc:"the speed of each, in MHz"`
	Memory              int                        `json:"memory,omitempty" doc:"its memory, in MiB"`
	Password            string                     `json:"password,omitempty" doc:"its password, in the result of the job that set it"`
	KeyPairs            string                     `json:"keypairs,omitempty" doc:"the names of its SSH keys, separated by commas"`
	UserData            string                     `json:"userdata,omitempty" doc:"its user data in Base64, where asked for"`
	Hypervisor          string                     `json:"hypervisor" doc:"KVM"`
	IPAddress           string                     `json:"ipaddress,omitempty" doc:"the address of its default interface"`
	GuestOSID           string                     `json:"guestosid,omitempty" doc:"the kind of guest"`
	OSTypeID            string                     `json:"ostypeid,omitempty" doc:"the kind of guest"`
	RootDeviceID        int64                      `json:"rootdeviceid" doc:"where its root disk is"`
	RootDeviceType      string                     `json:"rootdevicetype" doc:"ROOT"`
	Details             map[string]string          `json:"details,omitempty" doc:"its details"`
	NICs                []NIC                      `json:"nic" doc:"its interfaces"`
	AffinityGroups      []struct{}                 `json:"affinitygroup" doc:"none"`
	SecurityGroups      []struct{}                 `json:"securitygroup" doc:"none"`
	Tags                []struct{}                 `json:"tags" doc:"its tags"`
	HAEnable            bool                       `json:"haenable" doc:"false"`
	DisplayVM           bool                       `json:"displayvm" doc:"true"`
	DynamicallyScalable bool                       `json:"isdynamicallyscalable" doc:"false"`
	DeleteProtection    bool                       `json:"deleteprotection" doc:"false"`
	DriveSHA256         string                     `json:"configdrivesha256,omitempty" doc:"the SHA-256 of its config drive, lower-case hex; empty while it has none"`
	DriveLocation       string                     `json:"configdrivelocation,omitempty" doc:"where its config drive lies"`
	JobID               resource.JobID             `json:"jobid,omitempty" doc:"the job that works on it"`
	JobStatus           *int                       `json:"jobstatus,omitempty" doc:"0 while the job runs"`
	Created             *Date                      `json:"created,omitempty" doc:"when it was deployed"`
	LastUpdated         *Date                      `json:"lastupdated,omitempty" doc:"when it changed last"`
}

// ObjectName is CloudStack's.
func (VirtualMachine) ObjectName() string { return "virtualmachine" }

// NIC is CloudStack's interface of a VM.
type NIC struct {
	ID          resource.NICID     `json:"id" doc:"the id of the interface"`
	NetworkID   resource.NetworkID `json:"networkid" doc:"the network it is in"`
	NetworkName string             `json:"networkname" doc:"the name of the network"`
	DeviceID    string             `json:"deviceid" doc:"its number in the guest"`
	MAC         string             `json:"macaddress" doc:"its MAC address"`
	IPAddress   string             `json:"ipaddress,omitempty" doc:"its IPv4 address"`
	Netmask     string             `json:"netmask,omitempty" doc:"its netmask"`
	Gateway     string             `json:"gateway,omitempty" doc:"its gateway"`
	IP6Address  string             `json:"ip6address,omitempty" doc:"its IPv6 address"`
	IP6Gateway  string             `json:"ip6gateway,omitempty" doc:"its IPv6 gateway"`
	MTU         int                `json:"mtu,omitempty" doc:"the largest packet"`
	Default     bool               `json:"isdefault" doc:"whether it has the default route"`
	TrafficType string             `json:"traffictype" doc:"Guest"`
	Type        string             `json:"type" doc:"the type of the network"`
}

// VirtualMachines shows VMs to the caller. What they refer to is looked up
// once for all of them.
func VirtualMachines(ctx context.Context, s *store.Store, rows []resource.VM) ([]VirtualMachine, error) {
	around, err := surroundings(ctx, s, rows)
	if err != nil {
		return nil, err
	}
	admin := access.From(ctx).Role != resource.PlainUser
	views := make([]VirtualMachine, len(rows))
	for i := range rows {
		views[i] = around.show(&rows[i], admin)
	}
	return views, nil
}

// VirtualMachineOf shows one VM.
func VirtualMachineOf(ctx context.Context, s *store.Store, vm *resource.VM) (VirtualMachine, error) {
	views, err := VirtualMachines(ctx, s, []resource.VM{*vm})
	if err != nil {
		return VirtualMachine{}, err
	}
	return views[0], nil
}

// Expunged is all that can be said of a VM that is gone.
func Expunged(id resource.VMID) VirtualMachine {
	return VirtualMachine{
		ID: id, State: resource.VMExpunging, Hypervisor: "KVM", RootDeviceType: "ROOT", NICs: []NIC{},
		AffinityGroups: []struct{}{}, SecurityGroups: []struct{}{}, Tags: []struct{}{},
	}
}

func (a *vmSurroundings) show(vm *resource.VM, admin bool) VirtualMachine {
	created, updated := At(vm.Created), At(vm.Updated)
	v := Expunged(vm.ID)
	v.Name, v.DisplayName, v.State = vm.Name, vm.DisplayName, vm.State
	v.DomainID, v.UserID, v.ZoneID = vm.DomainID, vm.UserID, vm.ZoneID
	v.TemplateID, v.OfferingID, v.CPUs, v.MHz, v.Memory = vm.TemplateID, vm.OfferingID, vm.CPUs, vm.MHz, vm.MemoryMiB
	v.KeyPairs, v.Details, v.DisplayVM = strings.Join(vm.KeyPairs, ","), vm.Details, true
	v.DriveSHA256, v.DriveLocation, v.Created, v.LastUpdated = vm.DriveSHA256, vm.DrivePlace, &created, &updated
	v.GuestOSID, v.OSTypeID = vm.OSTypeID, vm.OSTypeID
	a.name(&v, vm)
	if admin {
		v.InstanceName, v.HostID = vm.InstanceName, vm.HostID
		if host := a.hosts[vm.HostID]; host != nil {
			v.HostName = host.Name
		}
	}
	for _, nic := range a.nics[vm.ID] {
		v.NICs = append(v.NICs, a.nic(&nic))
		if nic.Default {
			v.IPAddress = nic.IPv4
		}
	}
	if job := a.jobs[vm.ID]; job != nil {
		running := 0
		v.JobID, v.JobStatus = job.ID, &running
	}
	return v
}

// UserDataOf is the VM's user data as the API shows it.
func UserDataOf(s *store.Store, vm *resource.VM) (string, error) {
	content, err := s.UnsealBytes(vm.UserData)
	return base64.StdEncoding.EncodeToString(content), err
}
