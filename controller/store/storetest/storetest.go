// Package storetest gives tests a store of their own.
//
// In:  a test.
// Out: an empty store, closed when the test ends.
package storetest

import (
	"path/filepath"
	"testing"

	"github.com/cairn-kvm/cairn/controller/store"
)

// Open makes an empty store.
func Open(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "cairn.db"), Key: store.NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
