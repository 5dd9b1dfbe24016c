package script

import (
	"context"

	"github.com/rogpeppe/go-internal/testscript"
)

// step is one request of the furnishing: its reply's value at path becomes
// the variable.
type step struct {
	variable, path string
	args           []string
}

// furnish makes the cloud that most stories start with. The template comes
// last: it is fetched as soon as a host is there.
func furnish(ctx context.Context, s *story, ts *testscript.TestScript, _ bool, _ []string) {
	publish(ctx, s, ts, false, []string{"http://images.test/debian.qcow2", "qcow2", "2147483648"})
	s.perform(ctx, ts, site)
	hostWord(ctx, s, ts, false, []string{"add", "h1"})
	s.perform(ctx, ts, catalogue)
	waitFor(ctx, s, ts, false, []string{"host.0.state=Up", "api", "listHosts"})
	s.perform(ctx, ts, images)
	waitFor(ctx, s, ts, false, []string{
		"template.0.isready=true", "api", "listTemplates", "templatefilter=self", "id=" + ts.Getenv("template"),
	})
}

// build makes the site alone, which takes no time.
func build(ctx context.Context, s *story, ts *testscript.TestScript, _ bool, _ []string) {
	s.perform(ctx, ts, site)
}

// site is where hosts and images are.
var site = []step{
	{"zone", "zone.id", []string{
		"createZone", "name=z1", "networktype=Advanced", "dns1=9.9.9.9", "internaldns1=10.0.0.2", "allocationstate=Enabled",
	}},
	{"pod", "pod.id", []string{
		"createPod", "name=p1", "zoneid=$zone", "gateway=10.1.0.1", "netmask=255.255.255.0", "startip=10.1.0.10", "endip=10.1.0.20",
	}},
	{"cluster", "cluster.0.id", []string{
		"addCluster", "clustername=c1", "hypervisor=KVM", "clustertype=CloudManaged", "podid=$pod", "zoneid=$zone",
	}},
	{"pool", "storagepool.id", []string{
		"createStoragePool", "name=pool1", "url=SharedMountPoint://localhost/pool", "zoneid=$zone", "podid=$pod", "clusterid=$cluster", "scope=cluster",
	}},
	{"store", "imagestore.id", []string{"addImageStore", "name=store1", "provider=Directory", "url=file:///store", "zoneid=$zone"}},
}

// catalogue is what tenants choose from.
var catalogue = []step{
	{"offering", "serviceoffering.id", []string{
		"createServiceOffering", "name=small", "displaytext=Small one", "cpunumber=1", "cpuspeed=1000", "memory=512",
	}},
	{"networkoffering", "networkoffering.id", []string{
		"createNetworkOffering", "name=cd", "displaytext=With config drive", "guestiptype=Shared", "traffictype=Guest",
		"specifyvlan=true", "specifyipranges=true", "supportedservices=UserData,Dhcp,Dns",
		"serviceproviderlist[0].service=UserData", "serviceproviderlist[0].provider=ConfigDrive",
		"serviceproviderlist[1].service=Dhcp", "serviceproviderlist[1].provider=ConfigDrive",
		"serviceproviderlist[2].service=Dns", "serviceproviderlist[2].provider=ConfigDrive",
	}},
	{"", "", []string{"updateNetworkOffering", "id=$networkoffering", "state=Enabled"}},
	{"network", "network.id", []string{
		"createNetwork", "name=lan", "displaytext=lan", "networkofferingid=$networkoffering", "zoneid=$zone", "vlan=untagged",
		"gateway=10.2.0.1", "netmask=255.255.255.0", "startip=10.2.0.10", "endip=10.2.0.20",
	}},
}

var images = []step{
	{"template", "template.0.id", []string{
		"registerTemplate", "name=debian", "displaytext=Debian", "format=QCOW2", "hypervisor=KVM", "zoneid=$zone",
		"url=http://images.test/debian.qcow2", "passwordenabled=true", "ispublic=true",
	}},
}

func (s *story) perform(ctx context.Context, ts *testscript.TestScript, steps []step) {
	for _, step := range steps {
		args := make([]string, len(step.args))
		for i, arg := range step.args {
			args[i] = expand(ts, arg)
		}
		api(ctx, s, ts, false, args)
		if step.variable != "" {
			let(ctx, s, ts, false, []string{step.variable, step.path})
		}
	}
}
