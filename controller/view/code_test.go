package view_test

import (
	"testing"

	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestEveryKindHasItsCodes(t *testing.T) {
	t.Parallel()
	want := map[fault.Kind][2]int{
		fault.Invalid: {431, 4350}, fault.Unauthenticated: {401, 4290}, fault.Denied: {531, 4365},
		fault.NotFound: {431, 4350}, fault.Conflict: {431, 4350}, fault.Limit: {535, 4370},
		fault.NoCapacity: {533, 4325}, fault.Unavailable: {534, 4380}, fault.Timeout: {530, 4560},
		fault.Unsupported: {432, 9999}, fault.Internal: {530, 4250}, fault.Malformed: {430, 9999},
		fault.Throttled: {429, 4545},
	}
	for _, kind := range fault.Kinds() {
		codes, listed := want[kind]
		if got := [2]int{view.ErrorCode(kind), view.CSErrorCode(kind)}; !listed || got != codes {
			t.Errorf("%s: got %v, want %v", kind, got, codes)
		}
	}
	for _, kind := range []fault.Kind{fault.None, 9999, -1} {
		if got := view.ErrorCode(kind); got != 530 {
			t.Errorf("%s: got %d, want that of an internal error", kind, got)
		}
	}
}
