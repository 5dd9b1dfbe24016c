package storage_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestWriteFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state")
	for _, content := range []string{"one", "", "three"} {
		if err := storage.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != 0o600 || string(read(t, path)) != content {
			t.Errorf("got %q, %v, %v; want %q", read(t, path), info.Mode(), err, content)
		}
	}
	if left := files(t, filepath.Dir(path)); left != "state" {
		t.Errorf("there is more: %s", left)
	}
}

func TestWriteFileWhereItCannot(t *testing.T) {
	t.Parallel()
	tiny, readOnly := mount(t, 0, "size=4k"), mount(t, syscall.MS_RDONLY, "")
	for dir, kind := range map[string]fault.Kind{
		tiny.Path: fault.NoCapacity, readOnly.Path: fault.Unavailable, missing(t).Path: fault.Unavailable,
	} {
		refuses(t, storage.WriteFile(filepath.Join(dir, "f"), image(70), 0o600), kind, dir)
	}
	if left := files(t, tiny.Path); left != "" {
		t.Errorf("left is %s", left)
	}
	// A directory cannot be replaced by a file.
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "f"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := storage.WriteFile(filepath.Join(dir, "f"), nil, 0o600); err == nil {
		t.Error("a directory was replaced")
	}
	if left := files(t, dir); left != "" {
		t.Errorf("left is %s", left)
	}
}

// What a crash left goes with the next put of the same name, and with the next
// start where the directory is the agent's own.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	place := directory(t)
	for _, name := range []string{
		".cairn-a.iso.123.part", ".cairn-a.iso.9.part", // of a
		".cairn-a.iso.b.iso.1.part", ".cairn-b.iso.1.part", ".cairn-a.iso.lock", ".cairn-a.iso.1x.part", "a.iso.1.part", // not of a
	} {
		write(t, filepath.Join(place.Path, "configdrive", name), nil)
	}
	write(t, filepath.Join(place.Path, "template", ".cairn-t.1.part"), nil)

	if _, _, err := open(t).PutImage(t.Context(), place, "a", image(1)); err != nil {
		t.Fatal(err)
	}
	const others = "configdrive/.cairn-a.iso.1x.part configdrive/.cairn-a.iso.b.iso.1.part configdrive/.cairn-a.iso.lock " +
		"configdrive/.cairn-b.iso.1.part configdrive/a.iso configdrive/a.iso.1.part template/.cairn-t.1.part"
	if left := files(t, place.Path); left != others {
		t.Errorf("after a put there are %s", left)
	}

	open(t, func(c *storage.Config) { c.CacheDir = place.Path })
	const own = "configdrive/.cairn-a.iso.1x.part configdrive/.cairn-a.iso.lock configdrive/a.iso configdrive/a.iso.1.part"
	if left := files(t, place.Path); left != own {
		t.Errorf("after a start there are %s", left)
	}
}
