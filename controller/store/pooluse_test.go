package store_test

import (
	"maps"
	"testing"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/store/storetest"
)

func TestPoolUse(t *testing.T) {
	s, ctx := storetest.Open(t), t.Context()
	for id, volume := range map[resource.VolumeID]resource.Volume{
		"a": {PoolID: "p", SizeBytes: 1 << 40}, "b": {PoolID: "p", SizeBytes: 1}, "c": {PoolID: "q", SizeBytes: 7}, "d": {SizeBytes: 9},
	} {
		volume.ID = id
		if err := store.Insert(ctx, s, &volume); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		pools []resource.PoolID
		want  map[resource.PoolID]int64
	}{
		{nil, nil},
		{[]resource.PoolID{"p", "q", "empty"}, map[resource.PoolID]int64{"p": 1<<40 + 1, "q": 7}},
	} {
		if got, err := s.PoolUse(ctx, test.pools); err != nil || !maps.Equal(got, test.want) {
			t.Errorf("%q: got %v, %v", test.pools, got, err)
		}
	}
}
