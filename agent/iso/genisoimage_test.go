package iso_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/diskfs/go-diskfs/filesystem/iso9660"

	"github.com/cairn-kvm/cairn/agent/iso"
)

// genisoimage makes an image of a tree with the flags that CloudStack uses.
func genisoimage(t *testing.T, img iso.Image) (file string) {
	t.Helper()
	tree, file := filepath.Join(t.TempDir(), "tree"), filepath.Join(t.TempDir(), "image.iso")
	for _, f := range img.Files {
		p := filepath.Join(tree, f.Path)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if f.LinkTo != "" {
			if err := os.Link(filepath.Join(tree, f.LinkTo), p); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(p, f.Content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := run("genisoimage", "-o", file, "-ldots", "-allow-lowercase", "-allow-multidot", "-cache-inodes",
		"-l", "-quiet", "-J", "-r", "-V", img.Label, tree); err != nil {
		t.Fatal(err)
	}
	return file
}

// A drive has the same names as genisoimage's, in all three hierarchies.
func TestSameNamesAsGenisoimage(t *testing.T) {
	t.Parallel()
	img := drive()
	theirs, ours := genisoimage(t, img), filepath.Join(t.TempDir(), "ours.iso")
	if err := os.WriteFile(ours, build(t, img), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, hierarchy := range [][]string{{"-f"}, {"-f", "-R"}, {"-f", "-J"}} {
		var lists [2][]string
		for i, file := range []string{theirs, ours} {
			out, err := run("isoinfo", append(hierarchy, "-i", file)...)
			if err != nil {
				t.Fatal(err)
			}
			lists[i] = strings.Split(string(out), "\n")
		}
		if !slices.Equal(lists[0], lists[1]) || len(lists[0]) < 20 {
			t.Errorf("isoinfo %s: %q of genisoimage, %q of ours", hierarchy, lists[0], lists[1])
		}
	}
}

// What diskfsNames leaves out of the comparison is a limit of go-diskfs: it
// shows for the images of others, too.
func TestDiskfsDropsDots(t *testing.T) {
	t.Parallel()
	file := genisoimage(t, iso.Image{Label: "x", Files: []iso.File{{Path: ".hidden"}}})
	image, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	volume, err := iso9660.Read(memory{bytes.NewReader(image)}, int64(len(image)), 0, sector)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := volume.ReadDir(".")
	if err != nil || len(entries) != 1 || entries[0].Name() != "hidden" {
		t.Errorf("go-diskfs shows %v, %v; if it shows .hidden now, diskfsNames is no longer needed", entries, err)
	}
}
