package storage_test

import (
	"path/filepath"
	"testing"

	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// No header, however made, is more than refused.
func FuzzCheckQcow2(f *testing.F) {
	dir := f.TempDir()
	for name, options := range map[string][]string{
		"v3": nil, "v2": {"-o", "compat=0.10"}, "data": {"-o", "data_file=" + filepath.Join(dir, "data.raw")},
	} {
		f.Add(read(f, qcow2Image(f, filepath.Join(dir, name), options...))[:512])
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		if err := storage.CheckQcow2(head); err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("got %v", err)
		}
	})
}
