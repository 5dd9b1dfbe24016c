package faultpb_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/fault/faultpb"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func TestEveryKindCrossesTheWire(t *testing.T) {
	if got, want := len(agentv1.Kind_name), len(fault.Kinds())+1; got != want {
		t.Fatalf("the protocol has %d kinds, package fault has %d", got, want)
	}
	for _, kind := range fault.Kinds() {
		sent := fmt.Errorf("attach drive: %w", fault.Wrap(kind, errors.New("cause"), "told to the user"))
		got := faultpb.Error(faultpb.From(sent))
		if fault.Of(got) != kind || fault.Message(got) != "told to the user" {
			t.Errorf("%s came back as %s, %q", kind, fault.Of(got), fault.Message(got))
		}
	}
}

func TestNilAndUnknown(t *testing.T) {
	if faultpb.From(nil) != nil || faultpb.Error(nil) != nil {
		t.Error("no error became a fault")
	}
	if got := fault.Of(faultpb.Error(&agentv1.Fault{Kind: 999, Message: "x"})); got != fault.Internal {
		t.Errorf("a kind of a newer peer became %s", got)
	}
}
