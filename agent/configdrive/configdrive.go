// Package configdrive turns the data of a VM into the file tree of its config
// drive: CloudStack's own tree, and OpenStack's, which cloud-init and
// cloudbase-init read.
//
// It is pure. The same data gives the same tree, so that a drive is written
// again only when something on it has changed. Files that hold the password
// are readable by root alone, wherever a guest respects that.
//
// In:  VM data and NICs, from package action (the BuildDrive action).
// Out: a file tree, to package iso.
package configdrive

import (
	"errors"

	"github.com/cairn-kvm/cairn/agent/iso"
)

// DefaultLabel is the volume label by which guests find a config drive.
const DefaultLabel = "config-2"

// Data is all that a drive tells its guest.
type Data struct {
	Label   string // empty: DefaultLabel
	Items   []Item
	NICs    []NIC // those that are plugged in: cloud-init gives up on one that it cannot find
	Windows bool  // adds what only Windows guests read
}

// Render makes the tree. Its faults are of kind Invalid, and none shows the
// content of an item.
func Render(d Data) (iso.Image, error) {
	values, err := read(d.Items)
	if err != nil {
		return iso.Image{}, err
	}
	t := newTree(d.Label)
	t.addItems(d.Items)
	if err := errors.Join(
		t.addMetaData(values, d.Windows),
		t.addVendorData(values.password()),
		t.addNetworkData(d.NICs),
	); err != nil {
		return iso.Image{}, err
	}
	return t.image, nil
}
