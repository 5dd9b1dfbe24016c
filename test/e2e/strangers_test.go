package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	diskfs "github.com/diskfs/go-diskfs"
	"github.com/diskfs/go-diskfs/backend/file"
	"github.com/diskfs/go-diskfs/filesystem"

	"github.com/cairn-kvm/cairn/test/lab"
)

// strangers has four readers read the image of a running VM: the guest's
// kernel did already; isoinfo by Rock Ridge and by Joliet, 7z and go-diskfs
// must find the same paths with the same bytes.
func strangers(t *testing.T, image string, seen lab.Drive) {
	tools(t, "isoinfo", "7z")
	want := map[string]string{}
	for path, f := range seen.Files {
		if !f.Folder {
			want[path] = f.SHA256
		}
	}
	if len(want) < 10 {
		t.Fatalf("the guest saw only %d files", len(want))
	}
	for name, read := range map[string]func(*testing.T, string) map[string]string{
		"isoinfo -R": func(t *testing.T, image string) map[string]string { return isoinfo(t, "-R", image) },
		"isoinfo -J": func(t *testing.T, image string) map[string]string { return isoinfo(t, "-J", image) },
		"7z":         sevenZip,
		"go-diskfs":  goDiskfs,
	} {
		t.Run(name, func(t *testing.T) {
			if got := read(t, image); !maps.Equal(got, want) {
				t.Errorf("it reads  %v\nthe guest %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
			}
		})
	}
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatalf("%s %q: %v", name, args, err)
	}
	return out
}

func isoinfo(t *testing.T, tree, image string) map[string]string {
	found := map[string]string{}
	folders := map[string]bool{}
	paths := strings.Split(strings.TrimSpace(string(output(t, "isoinfo", tree, "-f", "-i", image))), "\n")
	for _, path := range paths {
		folders[filepath.Dir(path)] = true
	}
	for _, path := range paths {
		if content := output(t, "isoinfo", tree, "-x", path, "-i", image); !folders[path] && len(content) > 0 {
			found[path] = digest(content)
		}
	}
	return found
}

func sevenZip(t *testing.T, image string) map[string]string {
	dir := t.TempDir()
	output(t, "7z", "x", "-y", "-o"+dir, image)
	return tree(t, os.DirFS(dir))
}

func tree(t *testing.T, in fs.FS) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(in, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(in, path)
		found["/"+path] = digest(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func goDiskfs(t *testing.T, image string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "image.iso")
	if err := os.WriteFile(copied, bytes.Clone(content), 0o600); err != nil {
		t.Fatal(err)
	}
	backend, err := file.OpenFromPath(copied, true)
	if err != nil {
		t.Fatal(err)
	}
	disk, err := diskfs.OpenBackend(backend, diskfs.WithOpenMode(diskfs.ReadOnly))
	if err != nil {
		t.Fatal(err)
	}
	iso, err := disk.GetFilesystem(0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	}()
	found := map[string]string{}
	walkDiskfs(t, iso, "/", found)
	return found
}

func walkDiskfs(t *testing.T, iso filesystem.FileSystem, dir string, found map[string]string) {
	t.Helper()
	name := strings.Trim(dir, "/")
	if name == "" {
		name = "."
	}
	entries, err := iso.ReadDir(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if entry.IsDir() {
			walkDiskfs(t, iso, path, found)
			continue
		}
		content, err := fs.ReadFile(iso, strings.Trim(path, "/"))
		if err != nil {
			t.Fatal(err)
		}
		found[path] = digest(content)
	}
}
