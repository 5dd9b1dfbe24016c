package storage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// A TemplateSpec says where a template is and what it claims to be.
type TemplateSpec struct {
	ID       string
	URL      string // file, http, https
	Format   string // QCOW2, RAW
	Checksum string // {SHA-256}hex and the like, or hex alone; empty: not checked
	Store    Place
}

// A Template is what was found.
type Template struct {
	Path          string
	SHA256        string // of the file, lower-case hex
	SizeBytes     uint64 // virtual
	PhysicalBytes uint64 // of the file
}

// FetchTemplate brings a template into a store. One that is not what it claims
// to be, or that would have QEMU open other files of the host, is refused with
// Invalid and leaves nothing behind. One that is there already, and passes, is
// the answer.
func (s *Storage) FetchTemplate(ctx context.Context, spec TemplateSpec) (Template, error) {
	spec.Format = strings.ToLower(spec.Format)
	if err := checkName("a template", spec.ID); err != nil {
		return Template{}, err
	}
	if spec.Format != qcow2 && spec.Format != raw {
		return Template{}, fault.New(fault.Invalid, "the template's format %q is not one of a KVM host: only QCOW2 and RAW are", spec.Format)
	}
	want, err := parseChecksum(spec.Checksum)
	if err != nil {
		return Template{}, err
	}
	root, err := s.root(spec.Store)
	if err != nil {
		return Template{}, err
	}
	template, err := guarded(ctx, s, root, func(ctx context.Context) (Template, error) { return s.fetch(ctx, spec, want, root) })
	if err != nil {
		return Template{}, fmt.Errorf("fetch template %s: %w", spec.ID, err)
	}
	return template, nil
}

func (s *Storage) fetch(ctx context.Context, spec TemplateSpec, want checksum, root string) (Template, error) {
	dir, err := s.folder(root, templateFolder)
	if err != nil {
		return Template{}, err
	}
	unlock, err := lock(ctx, dir, spec.ID)
	if err != nil {
		return Template{}, err
	}
	defer unlock()
	path := templatePath(root, spec.ID)
	if there, err := isFile(path); err != nil || there {
		if err != nil {
			return Template{}, err
		}
		return s.accept(ctx, path, path, spec.Format, want)
	}
	return s.download(ctx, spec, want, path)
}

func (s *Storage) download(ctx context.Context, spec TemplateSpec, want checksum, path string) (Template, error) {
	began := time.Now()
	from, err := s.open(ctx, spec.URL)
	if err != nil {
		return Template{}, err
	}
	defer func() { _ = from.Close() }() // it was only read
	d, err := newDraft(path)
	if err != nil {
		return Template{}, err
	}
	defer d.discard()
	if _, err := transfer(ctx, d, from); err != nil {
		return Template{}, err
	}
	template, err := s.accept(ctx, d.Name(), path, spec.Format, want)
	if err != nil {
		return Template{}, err
	}
	if err := s.share(d.Name(), fileMode); err != nil {
		return Template{}, err
	}
	if err := d.commit(); err != nil {
		return Template{}, err
	}
	s.log.InfoContext(ctx, "template is fetched", "template", spec.ID, "path", path, "took", time.Since(began))
	return template, nil
}

// accept examines a file that is to have path as its name, or has it.
func (s *Storage) accept(ctx context.Context, file, path, format string, want checksum) (Template, error) {
	sum, length, err := digest(ctx, file, want)
	if err != nil {
		return Template{}, err
	}
	if err := detect(file, format); err != nil {
		return Template{}, err
	}
	found, err := s.inspect(ctx, file, format)
	if errors.Is(err, errRefused) {
		return Template{}, fault.Wrap(fault.Invalid, err, "the template is not a %s image that QEMU can read", strings.ToUpper(format))
	}
	if err != nil {
		return Template{}, err
	}
	if found.BackingFile != "" {
		return Template{}, errBacking
	}
	if format == qcow2 {
		if err := s.whole(ctx, file); err != nil {
			return Template{}, err
		}
	}
	return Template{Path: path, SHA256: sum, SizeBytes: found.VirtualSize, PhysicalBytes: uint64(length)}, nil
}

// DeleteTemplate removes it from a store; one that is not there is done.
func (s *Storage) DeleteTemplate(ctx context.Context, id string, store Place) error {
	if err := checkName("a template", id); err != nil {
		return err
	}
	root, err := s.root(store)
	if err != nil {
		return err
	}
	_, err = guarded(ctx, s, root, func(context.Context) (struct{}, error) {
		return struct{}{}, remove(root, templatePath(root, id))
	})
	if err != nil {
		return fmt.Errorf("delete template %s: %w", id, err)
	}
	return nil
}

func templatePath(root, id string) string { return filepath.Join(root, templateFolder, id) }
