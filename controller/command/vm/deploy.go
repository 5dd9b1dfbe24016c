package vm

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/place"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/secret"
)

type deployParams struct {
	command.OnBehalf
	Offering    resource.ServiceOfferingID `param:"serviceofferingid,required" ref:"serviceoffering:use" doc:"the size of the VM"`
	Template    resource.TemplateID        `param:"templateid,required" ref:"template:use" doc:"what its root disk starts from"`
	Zone        resource.ZoneID            `param:"zoneid,required" ref:"zone:use" doc:"the zone it is to be in"`
	Name        string                     `param:"name" max:"63" doc:"the guest's host name"`
	DisplayName string                     `param:"displayname" doc:"a name for people"`
	Networks    []resource.NetworkID       `param:"networkids" ref:"network:use" doc:"its networks; the first is the default one"`
	Addresses   []address                  `param:"iptonetworklist" doc:"its networks, each with the address to have in it"`
	IPAddress   string                     `param:"ipaddress" doc:"the address to have in the default network"`
	IP6Address  string                     `param:"ip6address" doc:"the IPv6 address to have in the default network"`
	MACAddress  string                     `param:"macaddress" doc:"the MAC address of the default interface"`
	UserData    *secret.Text               `param:"userdata" max:"1048576" doc:"user data in Base64"`
	KeyPair     string                     `param:"keypair" doc:"the name of an SSH key of the owner"`
	KeyPairs    []string                   `param:"keypairs" max:"0" doc:"the names of SSH keys of the owner"`
	Password    secret.Text                `param:"password" doc:"the guest's password; generated where absent and the template takes one"`
	StartVM     *bool                      `param:"startvm" doc:"whether to start it at once; true where absent"`
	RootSize    *int64                     `param:"rootdisksize" doc:"the size of its root disk in GiB, where larger than the template's"`
	Details     map[string]string          `param:"details" doc:"its details; cpuNumber, cpuSpeed and memory for an offering without a size"`
	Host        resource.HostID            `param:"hostid" ref:"host:operate" roles:"Admin" doc:"the host to start it on"`
	Cluster     resource.ClusterID         `param:"clusterid" ref:"cluster:operate" roles:"Admin" doc:"the cluster to start it in"`
	Pod         resource.PodID             `param:"podid" ref:"pod:operate" roles:"Admin" doc:"the pod to start it in"`
	Hypervisor  hypervisor                 `param:"hypervisor" doc:"KVM"`
}

type address struct {
	Network resource.NetworkID `param:"networkid,required" ref:"network:use" doc:"the network"`
	IP      string             `param:"ip" doc:"the IPv4 address to have in it"`
	IP6     string             `param:"ipv6" doc:"the IPv6 address to have in it"`
	MAC     string             `param:"mac" doc:"the MAC address to have in it"`
}

type hypervisor string

func (hypervisor) Values() []string { return []string{"KVM"} }

// Check is for what concerns the parameters alone.
func (p *deployParams) Check() error {
	switch {
	case len(p.Networks) > 0 && len(p.Addresses) > 0:
		return fault.New(fault.Invalid, "ipToNetworkMap can't be specified along with networkIds or ipAddress")
	case p.RootSize != nil && (*p.RootSize < 1 || *p.RootSize > 1<<16):
		return fault.New(fault.Invalid, "Root disk size %d GiB is not between 1 and %d GiB", *p.RootSize, 1<<16)
	}
	return checkHostName(p.Name)
}

func deploy(d Deps) command.Command {
	return command.Create(command.Info{
		Name: "deployVirtualMachine", Summary: "Creates a virtual machine and starts it.", Since: "1.0",
		Roles: command.Everyone, Event: "VM.CREATE", Timeout: 15 * time.Minute,
	}, d.allocate, func(ctx context.Context, p deployParams) (view.VirtualMachine, error) {
		job := command.JobFrom(ctx)
		id := resource.VMID(job.InstanceID)
		if p.StartVM == nil || *p.StartVM {
			wish := place.Wish{HostID: p.Host, ClusterID: p.Cluster, PodID: p.Pod}
			if err := d.Machines.Start(ctx, job, id, true, wish); err != nil {
				return view.VirtualMachine{}, err
			}
		}
		return d.showWithPassword(ctx, id)
	})
}
