package vmdata_test

import (
	"slices"
	"testing"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/vmdata"
	"github.com/cairn-kvm/cairn/internal/secret"
)

func names(items []vmdata.Item) []string {
	var list []string
	for _, item := range items {
		list = append(list, item.Directory+"/"+item.Name)
	}
	return list
}

func find(t *testing.T, items []vmdata.Item, name string) string {
	t.Helper()
	for _, item := range items {
		if item.Name == name {
			return string(item.Content)
		}
	}
	t.Fatalf("no %s in %v", name, names(items))
	return ""
}

func TestEverythingThatIsKnownIsTold(t *testing.T) {
	items := vmdata.List(vmdata.Facts{
		VM: &resource.VM{
			ID: "2f0c", Name: "web1", DisplayName: "Web 1", PublicKeys: []string{"ssh-rsa A a", "ssh-rsa B b"},
		},
		UserData:     []byte("#!/bin/sh\n\x00"),
		OfferingText: "Größe 1", ZoneName: "z1", NIC: &resource.NIC{IPv4: "10.0.0.5"},
		Password: secret.New("p0"), Windows: true, CloudIdentifier: "c1", HostName: "kvm1",
	})
	want := []string{
		"userdata/user_data", "metadata/service-offering", "metadata/availability-zone", "metadata/local-hostname", "metadata/display-name",
		"metadata/local-ipv4", "metadata/public-ipv4", "metadata/instance-id", "metadata/vm-id", "metadata/public-keys",
		"metadata/cloud-identifier", "password/vm-password-md5checksum", "password/vm_password", "metadata/hypervisor-host-name",
	}
	if got := names(items); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for name, want := range map[string]string{
		"user_data": "#!/bin/sh\n\x00", "service-offering": "Größe 1", "public-keys": "ssh-rsa A a\nssh-rsa B b",
		"cloud-identifier": "CloudStack-{c1}", "vm_password": "p0",
	} {
		if got := find(t, items, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestChecksumKeepsItsLeadingZero(t *testing.T) {
	items := vmdata.List(vmdata.Facts{VM: &resource.VM{ID: "x"}, Password: secret.New("27"), Windows: true})
	if sum := find(t, items, "vm-password-md5checksum"); sum != "02e74f10e0327ad868d138f2b4fdd6f0" {
		t.Errorf("checksum %s", sum)
	}
}

func TestWhatIsNotKnownIsLeftOut(t *testing.T) {
	for _, password := range []string{"", vmdata.SavedPassword} {
		items := vmdata.List(vmdata.Facts{VM: &resource.VM{ID: "2f0c", Name: "web1"}, Password: secret.New(password)})
		if got := names(items); !slices.Equal(got, []string{"metadata/local-hostname", "metadata/instance-id", "metadata/vm-id"}) {
			t.Errorf("password %q: %v", password, got)
		}
	}
}
