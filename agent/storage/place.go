package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// Kind tells places apart by who owns them.
type Kind uint8

const (
	HostCache Kind = iota + 1 // the agent's own
	Directory                 // a pool or a store, which others may use as well
)

// A Place is a directory for images, volumes or templates.
type Place struct {
	Kind Kind
	ID   string // of the pool or store
	Path string // absolute; the host cache has none
}

// root is the place's directory, which must be there.
func (s *Storage) root(p Place) (string, error) {
	path := p.Path
	switch p.Kind {
	case HostCache:
		path = s.config.CacheDir
	case Directory:
		if !filepath.IsAbs(path) {
			return "", fault.New(fault.Invalid, "the path %q of place %s is not absolute", path, p.ID)
		}
	default:
		return "", fault.New(fault.Invalid, "place %s is of no known kind (%d)", p.ID, p.Kind)
	}
	return filepath.Clean(path), nil
}

// present makes sure of a directory that is not ours to make.
func present(root string) error {
	info, err := os.Stat(root)
	if err != nil {
		return ioFault(err, root)
	}
	if !info.IsDir() {
		return fault.New(fault.Unavailable, "%s is not a directory", root)
	}
	return nil
}

// folder makes the place's directory for one kind of files.
func (s *Storage) folder(root, name string) (string, error) {
	if err := present(root); err != nil {
		return "", err
	}
	path := filepath.Join(root, name)
	err := os.Mkdir(path, dirMode)
	switch {
	case errors.Is(err, fs.ErrExist):
		return path, nil
	case err != nil:
		return "", ioFault(err, path)
	}
	if err := s.share(path, dirMode); err != nil {
		return "", err
	}
	return path, syncDir(root)
}

// fileName is what ids and instance names look like: nothing that could lead
// out of a directory, or be taken for one of our temporary files.
var fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

func checkName(what, name string) error {
	if !fileName.MatchString(name) || slices.Contains([]string{imageFolder, templateFolder}, name) {
		return fault.New(fault.Invalid, "%q cannot be the name of %s: it takes 1 to 128 letters, digits, dots, dashes and underscores", name, what)
	}
	return nil
}
