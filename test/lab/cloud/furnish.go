package cloud

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/apache/cloudstack-go/v2/cloudstack"

	"github.com/cairn-kvm/cairn/test/lab"
)

// furnish makes what a deployment needs, as an operator would.
func (c *Cloud) furnish() error {
	for _, step := range []func() error{c.makeZone, c.makeCluster, c.makeStorage, c.makeOffering, c.makeNetwork} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cloud) makeZone() error {
	p := c.Client.Zone.NewCreateZoneParams("9.9.9.9", "9.9.9.9", "zone1", "Advanced")
	p.SetAllocationstate("Enabled")
	zone, err := c.Client.Zone.CreateZone(p)
	if err != nil {
		return err
	}
	c.Zone = zone.Id
	pod := c.Client.Pod.NewCreatePodParams("pod1", c.Zone)
	pod.SetGateway("10.1.0.1")
	pod.SetNetmask("255.255.255.0")
	pod.SetStartip("10.1.0.10")
	pod.SetEndip("10.1.0.200")
	made, err := c.Client.Pod.CreatePod(pod)
	if err != nil {
		return err
	}
	c.Pod = made.Id
	return nil
}

func (c *Cloud) makeCluster() error {
	cluster, err := c.Client.Cluster.AddCluster(c.Client.Cluster.NewAddClusterParams("cluster1", "CloudManaged", "KVM", c.Pod, c.Zone))
	if err != nil {
		return err
	}
	c.Cluster = cluster.Id
	return nil
}

func (c *Cloud) makeStorage() error {
	p := c.Client.Pool.NewCreateStoragePoolParams("pool1", "SharedMountPoint://localhost"+c.pool(), c.Zone)
	p.SetScope("cluster")
	p.SetPodid(c.Pod)
	p.SetClusterid(c.Cluster)
	pool, err := c.Client.Pool.CreateStoragePool(p)
	if err != nil {
		return err
	}
	c.Pool = pool.Id
	s := c.Client.ImageStore.NewAddImageStoreParams("Directory")
	s.SetName("store1")
	s.SetUrl("file://" + c.store())
	s.SetZoneid(c.Zone)
	store, err := c.Client.ImageStore.AddImageStore(s)
	if err != nil {
		return err
	}
	c.Store = store.Id
	return nil
}

func (c *Cloud) makeOffering() error {
	var err error
	c.Offering, err = c.AddOffering("small", 1, 256)
	return err
}

// AddOffering makes a size of VM and gives its id.
func (c *Cloud) AddOffering(name string, cpus, memoryMiB int) (string, error) {
	p := c.Client.ServiceOffering.NewCreateServiceOfferingParams(fmt.Sprintf("%d CPUs, %d MiB", cpus, memoryMiB), name)
	p.SetCpunumber(cpus)
	p.SetCpuspeed(1000)
	p.SetMemory(memoryMiB)
	offering, err := c.Client.ServiceOffering.CreateServiceOffering(p)
	if err != nil {
		return "", err
	}
	return offering.Id, nil
}

func (c *Cloud) makeNetwork() error {
	services := []string{"UserData", "Dhcp", "Dns"}
	p := c.Client.NetworkOffering.NewCreateNetworkOfferingParams("addresses by config drive", "Shared", "configdrive", "Guest")
	p.SetSupportedservices(services)
	p.SetSpecifyipranges(true)
	p.SetSpecifyvlan(true)
	providers := map[string]string{}
	for _, service := range services {
		providers[service] = "ConfigDrive"
	}
	p.SetServiceproviderlist(providers)
	offering, err := c.Client.NetworkOffering.CreateNetworkOffering(p)
	if err != nil {
		return err
	}
	u := c.Client.NetworkOffering.NewUpdateNetworkOfferingParams()
	u.SetId(offering.Id)
	u.SetState("Enabled")
	if _, err := c.Client.NetworkOffering.UpdateNetworkOffering(u); err != nil {
		return err
	}
	n := c.Client.Network.NewCreateNetworkParams("lan", offering.Id, c.Zone)
	n.SetDisplaytext("the lab's bridge")
	n.SetVlan("untagged")
	n.SetGateway("10.2.0.1")
	n.SetNetmask("255.255.255.0")
	n.SetStartip("10.2.0.10")
	n.SetEndip("10.2.0.200")
	network, err := c.Client.Network.CreateNetwork(n)
	if err != nil {
		return err
	}
	c.Network = network.Id
	return nil
}

// AddTemplate registers a qcow2 of the machine's own files as a template that
// takes passwords, waits until it is ready, and gives its id.
func (c *Cloud) AddTemplate(ctx context.Context, name, path string) (string, error) {
	incoming, err := lab.Guest{Disk: path}.Copy(c.incoming())
	if err != nil {
		return "", err
	}
	p := c.Client.Template.NewRegisterTemplateParams(name, "QCOW2", "KVM", name, "file://"+incoming.Disk)
	p.SetZoneid(c.Zone)
	p.SetPasswordenabled(true)
	p.SetIspublic(true)
	made, err := c.Client.Template.RegisterTemplate(p)
	if err != nil {
		return "", err
	}
	id := made.RegisterTemplate[0].Id
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		template, _, err := c.Client.Template.GetTemplateByID(id, "self")
		switch {
		case err == nil && template.Isready:
			return id, nil
		case err == nil && strings.HasPrefix(template.Status, "Refused"):
			return "", fmt.Errorf("template %s: %s", name, template.Status)
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("template %s is not ready: %w", name, errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}

// Deployment returns the parameters of a deployment into the cloud's network.
func (c *Cloud) Deployment(template, name string) *cloudstack.DeployVirtualMachineParams {
	p := c.Client.VirtualMachine.NewDeployVirtualMachineParams(c.Offering, template, c.Zone)
	p.SetName(name)
	p.SetNetworkids([]string{c.Network})
	return p
}

// Expunge removes a VM with all that is left of it.
func (c *Cloud) Expunge(id string) error {
	p := c.Client.VirtualMachine.NewDestroyVirtualMachineParams(id)
	p.SetExpunge(true)
	_, err := c.Client.VirtualMachine.DestroyVirtualMachine(p)
	return err
}
