package domain

import (
	"regexp"
	"slices"
	"strconv"

	"libvirt.org/go/libvirtxml"
)

// A unicast MAC address: the lowest bit of the first byte is that of groups.
var (
	macAddress = regexp.MustCompile(`^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$`)
	unicast    = regexp.MustCompile(`^[0-9A-Fa-f][02468aceACE]`)
)

var nicModels = []string{virtio, "e1000", "e1000e", "rtl8139"}

const (
	bridgeLength     = 15 // IFNAMSIZ less its end
	leastMTU, topMTU = 68, 65535
)

func nics(s Spec, d *libvirtxml.Domain) error {
	for i, nic := range s.NICs {
		if i > 0 && s.NICs[i-1].Device == nic.Device {
			return invalid("two NICs have the device number %d", nic.Device)
		}
		if err := nic.check(); err != nil {
			return err
		}
		d.Devices.Interfaces = append(d.Devices.Interfaces, nic.element())
	}
	return nil
}

func (nic NIC) element() libvirtxml.DomainInterface {
	e := libvirtxml.DomainInterface{
		MAC:    &libvirtxml.DomainInterfaceMAC{Address: nic.MAC},
		Source: &libvirtxml.DomainInterfaceSource{Bridge: &libvirtxml.DomainInterfaceSourceBridge{Bridge: nic.Bridge}},
		Model:  &libvirtxml.DomainInterfaceModel{Type: nic.Model},
		Alias:  &libvirtxml.DomainAlias{Name: "ua-nic-" + strconv.FormatUint(uint64(nic.Device), 10)},
	}
	if nic.MTU > 0 {
		e.MTU = &libvirtxml.DomainInterfaceMTU{Size: nic.MTU}
	}
	return e
}

func (nic NIC) check() error {
	switch {
	case !macAddress.MatchString(nic.MAC):
		return invalid("the MAC address %q of NIC %d is not one", nic.MAC, nic.Device)
	case !unicast.MatchString(nic.MAC):
		return invalid("the MAC address %s of NIC %d is a multicast address", nic.MAC, nic.Device)
	case nic.Bridge == "" || len(nic.Bridge) > bridgeLength:
		return invalid("the bridge name %q of NIC %d is not 1 to %d characters long", nic.Bridge, nic.Device, bridgeLength)
	case !slices.Contains(nicModels, nic.Model):
		return invalid("NIC %d has the model %q, and there are only %q", nic.Device, nic.Model, nicModels)
	case nic.MTU != 0 && (nic.MTU < leastMTU || nic.MTU > topMTU):
		return invalid("the MTU %d of NIC %d is not between %d and %d", nic.MTU, nic.Device, leastMTU, topMTU)
	}
	return nil
}
