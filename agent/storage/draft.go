package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// WriteFile replaces a file's content, all or nothing: after a crash at any
// moment there is the old file or the new one. On return it is durable.
func WriteFile(path string, content []byte, mode fs.FileMode) error {
	return writeFile(path, content, func(temporary string) error {
		return ioFault(os.Chmod(temporary, mode), temporary)
	})
}

func writeFile(path string, content []byte, finish func(temporary string) error) error {
	d, err := newDraft(path)
	if err != nil {
		return err
	}
	defer d.discard()
	if _, err := d.Write(content); err != nil {
		return ioFault(err, path)
	}
	if err := finish(d.Name()); err != nil {
		return err
	}
	return d.commit()
}

// A draft is a file on its way to its name. Until commit it is readable by
// nobody else, under a name that sweep knows.
type draft struct {
	*os.File
	path string
	done bool
}

// newDraft begins a file beside the path, where a rename reaches it. Drafts
// of the same name that a crash left are removed: nobody else may be at it.
func newDraft(path string) (*draft, error) {
	dir, name := filepath.Split(path)
	if err := sweep(dir, name); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(dir, draftPattern(name))
	if err != nil {
		return nil, ioFault(err, dir)
	}
	return &draft{File: file, path: path}, nil
}

// commit makes the draft durable under its name.
func (d *draft) commit() error {
	if err := d.Sync(); err != nil {
		return ioFault(err, d.path)
	}
	if err := d.Close(); err != nil {
		return ioFault(err, d.path)
	}
	if err := os.Rename(d.Name(), d.path); err != nil {
		return ioFault(err, d.path)
	}
	d.done = true
	return syncDir(filepath.Dir(d.path))
}

// discard removes a draft that was not committed. It is the way out of a
// failure that is being told already; what it cannot remove, sweep can.
func (d *draft) discard() {
	if d.done {
		return
	}
	_ = d.Close()
	_ = os.Remove(d.Name())
}

// syncDir makes names in a directory durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return ioFault(err, path)
	}
	return ioFault(errors.Join(dir.Sync(), dir.Close()), path)
}

const draftPrefix, draftSuffix = ".cairn-", ".part"

// draftPattern names drafts: the star is replaced by digits that are new.
func draftPattern(name string) string { return draftPrefix + name + ".*" + draftSuffix }

// isDraft tells drafts of that name, or of all names for "".
func isDraft(file, name string) bool {
	rest, hidden := strings.CutPrefix(file, draftPrefix)
	rest, partial := strings.CutSuffix(rest, draftSuffix)
	of, digits := rest[:max(strings.LastIndexByte(rest, '.'), 0)], rest[strings.LastIndexByte(rest, '.')+1:]
	return hidden && partial && strings.Trim(digits, "0123456789") == "" && (name == "" || of == name)
}

// sweep removes drafts of that name, or of all names for "".
func sweep(dir, name string) error {
	files, err := fileNames(dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		if !isDraft(file, name) {
			continue
		}
		path := filepath.Join(dir, file)
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return ioFault(err, path)
		}
	}
	return nil
}

// fileNames lists a directory in no order, which is cheaper than in order; one
// that is not there has none.
func fileNames(path string) ([]string, error) {
	dir, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, ioFault(err, path)
	}
	defer func() { _ = dir.Close() }() // it was only read
	names, err := dir.Readdirnames(-1)
	return names, ioFault(err, path)
}
