package hypervisor_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"libvirt.org/go/libvirt"

	"github.com/cairn-kvm/cairn/agent/hypervisor"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  libvirt.Error
		kind fault.Kind
	}{
		"no domain":            {libvirt.Error{Code: libvirt.ERR_NO_DOMAIN, Domain: libvirt.FROM_QEMU}, fault.NotFound},
		"exists":               {libvirt.Error{Code: libvirt.ERR_DOM_EXIST, Domain: libvirt.FROM_DOMAIN}, fault.Conflict},
		"not running":          {libvirt.Error{Code: libvirt.ERR_OPERATION_INVALID, Domain: libvirt.FROM_QEMU}, fault.Conflict},
		"state change lock":    {libvirt.Error{Code: libvirt.ERR_OPERATION_TIMEOUT, Domain: libvirt.FROM_QEMU}, fault.Timeout},
		"no memory":            {libvirt.Error{Code: libvirt.ERR_NO_MEMORY, Domain: libvirt.FROM_QEMU}, fault.NoCapacity},
		"missing file":         {libvirt.Error{Code: libvirt.ERR_SYSTEM_ERROR, Domain: libvirt.FROM_STORAGE}, fault.Unavailable},
		"socket is gone":       {libvirt.Error{Code: libvirt.ERR_SYSTEM_ERROR, Domain: libvirt.FROM_RPC}, fault.Unavailable},
		"keepalive":            {libvirt.Error{Code: libvirt.ERR_INTERNAL_ERROR, Domain: libvirt.FROM_RPC}, fault.Unavailable},
		"polkit says no":       {libvirt.Error{Code: libvirt.ERR_AUTH_UNAVAILABLE, Domain: libvirt.FROM_POLKIT}, fault.Unavailable},
		"access driver":        {libvirt.Error{Code: libvirt.ERR_ACCESS_DENIED, Domain: libvirt.FROM_ACCESS}, fault.Unavailable},
		"not supported":        {libvirt.Error{Code: libvirt.ERR_CONFIG_UNSUPPORTED, Domain: libvirt.FROM_QEMU}, fault.Unsupported},
		"QEMU ended at once":   {libvirt.Error{Code: libvirt.ERR_INTERNAL_ERROR, Domain: libvirt.FROM_QEMU}, fault.Internal},
		"bad XML of ours":      {libvirt.Error{Code: libvirt.ERR_XML_ERROR, Domain: libvirt.FROM_DOMAIN}, fault.Internal},
		"a code of the future": {libvirt.Error{Code: 9999, Domain: libvirt.FROM_QEMU}, fault.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			tt.err.Message = "at /secret/path"
			err := hypervisor.Explain("DomainCreateXML", fmt.Errorf("wrapped: %w", tt.err))
			if fault.Of(err) != tt.kind || fault.Message(err) == "" || strings.Contains(fault.Message(err), "secret") {
				t.Errorf("got %v %q; want %v and no word of libvirt's", fault.Of(err), fault.Message(err), tt.kind)
			}
			if !strings.Contains(err.Error(), "DomainCreateXML") || !strings.Contains(err.Error(), "/secret/path") {
				t.Errorf("the operator does not read which call, or why: %v", err)
			}
		})
	}
}

func TestExplainLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	own := errors.New("own")
	if err := hypervisor.Explain("x", own); !errors.Is(err, own) || fault.Of(err) != fault.Internal {
		t.Errorf("got %v", err)
	}
	if err := hypervisor.Explain("x", nil); err != nil {
		t.Errorf("got %v", err)
	}
}
