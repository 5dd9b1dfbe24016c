package storage_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cairn-kvm/cairn/agent/storage"
)

const driveKiB = 70 // of a config drive as it usually is

// BenchmarkPutImage against the least that a durable file takes.
func BenchmarkPutImage(b *testing.B) {
	contents := [][]byte{image(driveKiB), append(image(driveKiB)[1:], '!')}
	b.Run("changed", func(b *testing.B) {
		s, place := open(b), directory(b)
		for i := 0; b.Loop(); i++ {
			if _, written, err := s.PutImage(b.Context(), place, "i-2-4-VM", contents[i%2]); err != nil || !written {
				b.Fatal(written, err)
			}
		}
	})
	b.Run("equal", func(b *testing.B) {
		s, place := open(b), directory(b)
		for b.Loop() {
			if _, _, err := s.PutImage(b.Context(), place, "i-2-4-VM", contents[0]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("changed among 1000", func(b *testing.B) {
		s, place := open(b), directory(b)
		populate(b, place)
		for i := 0; b.Loop(); i++ {
			if _, written, err := s.PutImage(b.Context(), place, "i-2-4-VM", contents[i%2]); err != nil || !written {
				b.Fatal(written, err)
			}
		}
	})
	b.Run("bare write, fsync, rename", func(b *testing.B) {
		dir := b.TempDir()
		for i := 0; b.Loop(); i++ {
			bare(b, filepath.Join(dir, "i-2-4-VM.iso"), contents[i%2])
		}
	})
}

func populate(b *testing.B, place storage.Place) {
	b.Helper()
	for i := range 1000 {
		write(b, filepath.Join(place.Path, "configdrive", "i-2-"+string(rune('a'+i%26))+string(rune('a'+i/26))+".iso"), nil)
	}
}

func bare(b *testing.B, path string, content []byte) {
	b.Helper()
	file, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := file.Write(content); err != nil {
		b.Fatal(err)
	}
	if err := file.Sync(); err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		b.Fatal(err)
	}
}
