package hypervisor

import (
	"errors"

	"libvirt.org/go/libvirt"

	"github.com/cairn-kvm/cairn/agent/domain"
)

// A sighting is what libvirt says of one domain at one moment.
type sighting struct {
	name, uuid string
	state      domain.State
	active     bool // there is a process, in whatever state
	persistent bool // a definition outlives it
	ours       bool
	is         domain.Identity // where ours
}

func (s *sighting) vm() domain.VM {
	return domain.VM{ID: s.is.VM, Name: s.name, State: s.state, Epoch: s.is.Epoch, DriveSHA256: s.is.DriveSHA256}
}

// see reads a domain; nil where it went away meanwhile.
func see(d *libvirt.Domain) (*sighting, error) {
	s, err := read(d)
	if absent(err) {
		return nil, nil
	}
	return s, err
}

func read(d *libvirt.Domain) (*sighting, error) {
	// The identity comes with the whole XML: GetMetadata strips the namespace
	// that tells our element from others.
	text, err := d.GetXMLDesc(0)
	if err != nil {
		return nil, err
	}
	s := &sighting{}
	if s.is, s.ours, err = domain.ReadIdentity(text); err != nil {
		return nil, err
	}
	if s.name, err = d.GetName(); err != nil {
		return nil, err
	}
	if s.uuid, err = d.GetUUIDString(); err != nil {
		return nil, err
	}
	if s.persistent, err = d.IsPersistent(); err != nil {
		return nil, err
	}
	state, _, err := d.GetState()
	if err != nil {
		return nil, err
	}
	s.state, s.active = stateOf(state), state != libvirt.DOMAIN_SHUTOFF
	return s, nil
}

func stateOf(state libvirt.DomainState) domain.State {
	switch state {
	case libvirt.DOMAIN_RUNNING, libvirt.DOMAIN_BLOCKED, libvirt.DOMAIN_SHUTDOWN:
		return domain.Running
	case libvirt.DOMAIN_PAUSED, libvirt.DOMAIN_PMSUSPENDED:
		return domain.Paused
	case libvirt.DOMAIN_SHUTOFF, libvirt.DOMAIN_CRASHED:
		return domain.Stopped
	case libvirt.DOMAIN_NOSTATE:
	}
	return domain.Unknown
}

func absent(err error) bool { return errors.Is(err, libvirt.ERR_NO_DOMAIN) }

// free lets go of domain objects. It cannot fail for objects that we hold.
func free(domains ...*libvirt.Domain) {
	for _, d := range domains {
		_ = d.Free()
	}
}
