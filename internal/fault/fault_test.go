package fault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestOfAndMessage(t *testing.T) {
	inner := fault.New(fault.NoCapacity, "the pool is full")
	for name, test := range map[string]struct {
		err     error
		kind    fault.Kind
		message string
	}{
		"nothing":              {nil, fault.None, ""},
		"a fault":              {inner, fault.NoCapacity, "the pool is full"},
		"wrapped with an act":  {fmt.Errorf("make volume: %w", inner), fault.NoCapacity, "the pool is full"},
		"the outermost counts": {fault.Wrap(fault.Unavailable, inner, "host h1 is away"), fault.Unavailable, "host h1 is away"},
		"joined":               {errors.Join(errors.New("x"), inner), fault.NoCapacity, "the pool is full"},
		"a deadline":           {fmt.Errorf("x: %w", context.DeadlineExceeded), fault.Timeout, "the operation took longer than its deadline"},
		"a stop":               {context.Canceled, fault.Unavailable, "the operation was stopped"},
		"a bare error":         {errors.New("secret detail"), fault.Internal, "internal error"},
	} {
		if got := fault.Of(test.err); got != test.kind {
			t.Errorf("%s: kind %s, want %s", name, got, test.kind)
		}
		if got := fault.Message(test.err); got != test.message {
			t.Errorf("%s: message %q, want %q", name, got, test.message)
		}
	}
	if !errors.Is(fault.Wrap(fault.Invalid, context.Canceled, "x"), context.Canceled) {
		t.Error("the cause is lost")
	}
	if fault.Is(nil, fault.None) {
		t.Error("no error is of no kind")
	}
}

func TestKindsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range fault.Kinds() {
		if seen[kind.String()] || !kind.Known() {
			t.Errorf("kind %d: %s", kind, kind)
		}
		seen[kind.String()] = true
	}
	if fault.Kind(99).Known() || fault.Kind(99).String() != "kind 99" {
		t.Error("an unknown kind is known")
	}
}
