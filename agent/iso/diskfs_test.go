package iso_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"

	"github.com/diskfs/go-diskfs/backend"
	"github.com/diskfs/go-diskfs/filesystem/iso9660"

	"github.com/cairn-kvm/cairn/agent/iso"
)

// memory is an image as go-diskfs wants it: a device.
type memory struct{ *bytes.Reader }

func (memory) Stat() (fs.FileInfo, error)              { return nil, errors.ErrUnsupported }
func (memory) Close() error                            { return nil }
func (memory) Sys() (*os.File, error)                  { return nil, errors.ErrUnsupported }
func (memory) Writable() (backend.WritableFile, error) { return nil, errors.ErrUnsupported }
func (memory) Path() string                            { return "" }

// diskfsAgrees reads an image's Rock Ridge tree with go-diskfs and compares
// names, contents, modes and links.
func diskfsAgrees(img iso.Image, image []byte) error {
	volume, err := iso9660.Read(memory{bytes.NewReader(image)}, int64(len(image)), 0, sector)
	if err != nil {
		return fmt.Errorf("go-diskfs: %w", err)
	}
	r := diskfsReader{volume: volume, got: map[string]shown{"": {directory: true}}}
	r.want, r.ambiguous = diskfsNames(want(img))
	if err := r.read(""); err != nil {
		return fmt.Errorf("go-diskfs: %w", err)
	}
	if err := diff(r.got, show(r.want)); err != nil {
		return fmt.Errorf("go-diskfs: %w", err)
	}
	return nil
}

// diskfsNames gives a tree the names under which go-diskfs v1.9.4 shows it: it
// takes the first dot from a file's name, and so cannot tell ".a" from "a" in
// one directory. Those two are left out of the comparison; nothing else is.
// TestDiskfsDropsDots shows that other writers' images fare no better.
func diskfsNames(tree map[string]wanted) (names map[string]wanted, ambiguous map[string]bool) {
	names, ambiguous = make(map[string]wanted, len(tree)), make(map[string]bool)
	for p, w := range tree {
		if above, name := cut(p); !w.directory {
			p = join(above, strings.TrimPrefix(name, "."))
		}
		if _, there := names[p]; there {
			ambiguous[p] = true
		}
		names[p] = w
	}
	maps.DeleteFunc(names, func(p string, _ wanted) bool { return ambiguous[p] })
	return names, ambiguous
}

// diskfsReader walks an image.
type diskfsReader struct {
	volume    *iso9660.FileSystem
	want      map[string]wanted
	ambiguous map[string]bool
	got       map[string]shown
}

func (r *diskfsReader) read(directory string) error {
	name := directory
	if name == "" {
		name = "."
	}
	entries, err := r.volume.ReadDir(name)
	if err != nil {
		return err
	}
	for _, e := range entries {
		p := join(directory, e.Name())
		if e.IsDir() {
			if err := r.read(p); err != nil {
				return err
			}
		}
		if r.ambiguous[p] {
			continue
		}
		if err := r.look(p, e); err != nil {
			return err
		}
	}
	return nil
}

// look reads one entry. Its content comes from opening it by its path.
func (r *diskfsReader) look(p string, e fs.DirEntry) error {
	info, err := e.Info()
	if err != nil {
		return err
	}
	var content []byte
	if !e.IsDir() {
		if content, err = r.volume.ReadFile(p); err != nil {
			return err
		}
	}
	r.got[p] = shown{e.IsDir(), string(content)}
	stat, rock := info.Sys().(*iso9660.StatT)
	if w := r.want[p]; !rock || !stat.RockRidge || info.Mode().Perm() != fs.FileMode(w.mode).Perm() || stat.NLink != w.links {
		return fmt.Errorf("%q has mode %s and attributes %+v, want %o and %d links", p, info.Mode(), stat, w.mode, w.links)
	}
	return nil
}
