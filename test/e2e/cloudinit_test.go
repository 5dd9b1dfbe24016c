package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/apache/cloudstack-go/v2/cloudstack"

	"github.com/cairn-kvm/cairn/test/lab"
	"github.com/cairn-kvm/cairn/test/lab/cloud"
)

// TestCloudInit boots a stock Debian, whose cloud-init applies what the drive
// tells.
func TestCloudInit(t *testing.T) {
	guest, err := lab.Debian(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := cloud.StartTest(t, true)
	registerKey(t, c)
	offering, err := c.AddOffering("debian", 2, 1024)
	if err != nil {
		t.Fatal(err)
	}
	vm := deploy(t, c, c.Template(t, "debian", guest), "web1", func(p *cloudstack.DeployVirtualMachineParams) {
		p.SetServiceofferingid(offering)
	})
	seen, _ := report(t, c, vm.Instancename)
	if seen.Hostname != "web1" {
		t.Errorf("host name %q", seen.Hostname)
	}
	if !strings.Contains(seen.DataSource, "ConfigDrive") {
		t.Errorf("data source %q", seen.DataSource)
	}
	if seen.InstanceID != vm.Id {
		t.Errorf("instance id %q, the VM's is %q", seen.InstanceID, vm.Id)
	}
	keys := slices.Concat(seen.User("root").Keys, seen.User("debian").Keys)
	if !slices.ContainsFunc(keys, func(key string) bool { return strings.Contains(key, strings.Fields(publicKey)[1]) }) {
		t.Errorf("authorized keys %q", keys)
	}
	if got := strings.TrimSpace(string(seen.Written["/etc/cairn.d/greeting"])); got != "hello from the drive" {
		t.Errorf("the user data wrote %q", got)
	}
	if user := seen.User("debian"); user.Password != "set" {
		t.Errorf("the default user's password is %q", user.Password)
	}
	if !slices.ContainsFunc(seen.NICs, func(nic lab.NIC) bool {
		return nic.MAC == vm.Nic[0].Macaddress && slices.Contains(nic.Addresses, vm.Nic[0].Ipaddress+"/24")
	}) {
		t.Errorf("interfaces %+v, the VM's is %+v", seen.NICs, vm.Nic[0])
	}
}
