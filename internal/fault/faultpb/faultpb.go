// Package faultpb carries faults over the agent protocol and back, so that the
// kind of a failure on a host is the kind that the API answers with.
//
// In:  an error, from an action; a protobuf fault, from a stream.
// Out: the other form, with the same kind and message.
package faultpb

import (
	"errors"

	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// From gives the wire form of an error, nil for nil.
func From(err error) *agentv1.Fault {
	if err == nil {
		return nil
	}
	return &agentv1.Fault{
		Kind:    agentv1.Kind(fault.Of(err)),
		Message: fault.Message(err),
		Detail:  err.Error(),
	}
}

// Error gives the error of a wire form, nil for nil. A kind that only a newer
// peer knows is Internal.
func Error(f *agentv1.Fault) error {
	if f == nil {
		return nil
	}
	kind := fault.Kind(f.GetKind())
	if !kind.Known() || kind == fault.None {
		kind = fault.Internal
	}
	if f.GetDetail() == "" || f.GetDetail() == f.GetMessage() {
		return fault.New(kind, "%s", f.GetMessage())
	}
	return fault.Wrap(kind, errors.New(f.GetDetail()), "%s", f.GetMessage())
}
