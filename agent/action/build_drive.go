package action

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/cairn-kvm/cairn/agent/configdrive"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// buildDrive renders the VM data and puts the image where it belongs. The
// image is in memory until it is put: nothing secret lies about in between.
func buildDrive(host Host, a *agentv1.BuildDrive) (plan, error) {
	told := new(agentv1.BuildDriveDone)
	var image []byte
	render := func(context.Context) error {
		tree, err := configdrive.Render(driveData(a))
		if err != nil {
			return err
		}
		image, err = tree.Bytes()
		return err
	}
	put := func(ctx context.Context) (err error) {
		sum := sha256.Sum256(image)
		told.Sha256, told.SizeBytes = hex.EncodeToString(sum[:]), uint64(len(image))
		told.Path, told.Written, err = host.Storage.PutImage(ctx, placeOf(a.GetPlace()), a.GetInstanceName(), image)
		return err
	}
	checked := all(
		checkName("VM id", a.GetVmId()),
		checkName("instance name", a.GetInstanceName()),
		checkPlace("the image's place", a.GetPlace()),
	)
	return plan{
		steps: []step{{name: "render drive", do: render}, {name: "put image", do: put}},
		done:  &agentv1.Done{What: &agentv1.Done_BuildDrive{BuildDrive: told}},
	}, checked
}

func driveData(a *agentv1.BuildDrive) configdrive.Data {
	data := configdrive.Data{Label: a.GetLabel(), Windows: a.GetWindows()}
	for _, item := range a.GetItems() {
		data.Items = append(data.Items, configdrive.Item{Directory: item.GetDirectory(), Name: item.GetName(), Content: item.GetContent()})
	}
	for _, nic := range a.GetNics() {
		data.NICs = append(data.NICs, driveNIC(nic))
	}
	return data
}

func driveNIC(nic *agentv1.NIC) configdrive.NIC {
	return configdrive.NIC{
		ID:       nic.GetId(),
		Device:   int(nic.GetDevice()),
		MAC:      nic.GetMac(),
		MTU:      int(nic.GetMtu()),
		Network:  nic.GetNetworkId(),
		IPv4:     nic.GetIpv4(),
		Netmask:  nic.GetNetmask(),
		Gateway:  nic.GetGateway(),
		IPv6:     nic.GetIpv6(),
		Prefix6:  int(nic.GetIpv6Prefix()),
		Gateway6: nic.GetIpv6Gateway(),
		DNS:      nic.GetDns(),
		Default:  nic.GetDefault(),
		DHCP:     nic.GetDhcp(),
	}
}
