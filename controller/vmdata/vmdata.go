// Package vmdata turns what the controller knows of a VM into CloudStack's VM
// data: an ordered list of [directory, filename, content]. It is pure; the
// agent makes files of the list (its package configdrive).
//
// Names, order and rules are CloudStack's, but for its faults: values keep
// their characters, and the address is that of the default NIC.
//
// In:  records, from package store, by way of a workflow's drive step.
// Out: the list, to the BuildDrive action.
package vmdata

import (
	"crypto/md5" //nolint:gosec // the format of an existing file that Windows guests read, not a protection
	"encoding/hex"
	"strings"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/secret"
)

// Item is one triple. Content may be secret.
type Item struct {
	Directory string
	Name      string
	Content   []byte
}

// Facts is what the list is made of.
type Facts struct {
	VM              *resource.VM
	UserData        []byte // exact bytes, unsealed
	OfferingText    string // the offering's display text, not its name
	ZoneName        string
	NIC             *resource.NIC // the default one
	Password        secret.Text   // empty: none is due in this start
	Windows         bool
	CloudIdentifier string // empty: not told
	HostName        string // empty: not told
}

// SavedPassword is CloudStack's word for "no new password".
const SavedPassword = "saved_password"

// List gives the triples in CloudStack's order. An item without content is
// left out.
func List(f Facts) []Item {
	vm := f.VM
	list := list{}
	list.add("userdata", "user_data", string(f.UserData))
	list.add("metadata", "service-offering", f.OfferingText)
	list.add("metadata", "availability-zone", f.ZoneName)
	list.add("metadata", "local-hostname", vm.Name)
	list.add("metadata", "display-name", vm.DisplayName)
	if f.NIC != nil {
		list.add("metadata", "local-ipv4", f.NIC.IPv4)
		list.add("metadata", "public-ipv4", f.NIC.IPv4)
	}
	list.add("metadata", "instance-id", string(vm.ID))
	list.add("metadata", "vm-id", string(vm.ID))
	list.add("metadata", "public-keys", strings.Join(vm.PublicKeys, "\n"))
	if f.CloudIdentifier != "" {
		list.add("metadata", "cloud-identifier", "CloudStack-{"+f.CloudIdentifier+"}")
	}
	if password := f.Password.Reveal(); password != "" && password != SavedPassword {
		if f.Windows {
			sum := md5.Sum([]byte(password)) //nolint:gosec // see the import
			list.add("password", "vm-password-md5checksum", hex.EncodeToString(sum[:]))
		}
		list.add("password", "vm_password", password)
	}
	list.add("metadata", "hypervisor-host-name", f.HostName)
	return list
}

type list []Item

func (l *list) add(directory, name, content string) {
	if content != "" {
		*l = append(*l, Item{directory, name, []byte(content)})
	}
}
