package hypervisor

import (
	"errors"
	"fmt"

	"libvirt.org/go/libvirt"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// kinds says what libvirt's error codes mean to the agent. Codes that are not
// here are Internal: either we asked for nonsense, or libvirt did not say what
// went wrong.
var kinds = map[libvirt.ErrorNumber]fault.Kind{
	libvirt.ERR_NO_DOMAIN:          fault.NotFound,
	libvirt.ERR_NO_DOMAIN_METADATA: fault.NotFound,

	libvirt.ERR_DOM_EXIST:         fault.Conflict,
	libvirt.ERR_OPERATION_INVALID: fault.Conflict, // not in this state
	libvirt.ERR_RESOURCE_BUSY:     fault.Conflict,

	libvirt.ERR_OPERATION_TIMEOUT: fault.Timeout, // another job holds the domain

	libvirt.ERR_NO_MEMORY: fault.NoCapacity,

	libvirt.ERR_NO_CONNECT:         fault.Unavailable,
	libvirt.ERR_INVALID_CONN:       fault.Unavailable,
	libvirt.ERR_RPC:                fault.Unavailable,
	libvirt.ERR_SYSTEM_ERROR:       fault.Unavailable, // a file, a bridge or a process of the host
	libvirt.ERR_OPERATION_ABORTED:  fault.Unavailable,
	libvirt.ERR_AGENT_UNRESPONSIVE: fault.Unavailable,
	libvirt.ERR_AUTH_FAILED:        fault.Unavailable, // the agent's rights, not the user's
	libvirt.ERR_AUTH_CANCELLED:     fault.Unavailable,
	libvirt.ERR_AUTH_UNAVAILABLE:   fault.Unavailable,
	libvirt.ERR_ACCESS_DENIED:      fault.Unavailable,

	libvirt.ERR_NO_SUPPORT:            fault.Unsupported,
	libvirt.ERR_CONFIG_UNSUPPORTED:    fault.Unsupported,
	libvirt.ERR_ARGUMENT_UNSUPPORTED:  fault.Unsupported,
	libvirt.ERR_OPERATION_UNSUPPORTED: fault.Unsupported,
	libvirt.ERR_CPU_INCOMPATIBLE:      fault.Unsupported,
}

var phrases = map[fault.Kind]string{
	fault.NotFound:    "libvirt knows no such domain",
	fault.Conflict:    "libvirt refuses that in the domain's present state",
	fault.Timeout:     "another job kept libvirt from it for too long",
	fault.NoCapacity:  "the host has too little memory",
	fault.Unavailable: "the host cannot do it now",
	fault.Unsupported: "the host's hypervisor does not support it",
	fault.Internal:    "libvirt reports an error",
}

// explain turns libvirt's error into a fault. libvirt's own text names files
// and processes of the host: it is the cause, which is the operator's to read.
func explain(name string, err error) error {
	var lv libvirt.Error
	if !errors.As(err, &lv) {
		return err
	}
	kind := kindOf(lv)
	return fault.Wrap(kind, fmt.Errorf("call %s: %w", name, err), "%s", phrases[kind])
}

// kindOf: whatever the code, an error of the RPC layer is one of the
// connection; a keepalive that was not answered is an "internal error" there.
func kindOf(err libvirt.Error) fault.Kind {
	if err.Domain == libvirt.FROM_RPC {
		return fault.Unavailable
	}
	if kind, known := kinds[err.Code]; known {
		return kind
	}
	return fault.Internal
}
