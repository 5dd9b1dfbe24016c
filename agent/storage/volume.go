package storage

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// A VolumeSpec asks for a volume on top of a template or, without one, for an
// empty volume.
type VolumeSpec struct {
	ID        string
	Pool      Place
	SizeBytes uint64 // virtual; less than the template's is the template's

	TemplateID     string
	TemplateStore  Place
	TemplateSHA256 string // of the file in the store; empty: not checked
	TemplateFormat string // qcow2, raw
}

// A Volume is what was made.
type Volume struct {
	Path      string
	SizeBytes uint64 // virtual
	Format    string
}

// CreateVolume makes a volume that keeps only what differs from the template's
// copy in its pool, which it makes first where it is missing. A volume of that
// id that is there already is the answer.
func (s *Storage) CreateVolume(ctx context.Context, spec VolumeSpec) (Volume, error) {
	spec.TemplateFormat = strings.ToLower(spec.TemplateFormat)
	if err := spec.check(); err != nil {
		return Volume{}, err
	}
	volume, err := s.createVolume(ctx, spec)
	if err != nil {
		return Volume{}, fmt.Errorf("create volume %s: %w", spec.ID, err)
	}
	return volume, nil
}

func (s VolumeSpec) check() error {
	if err := checkName("a volume", s.ID); err != nil {
		return err
	}
	if s.TemplateID == "" {
		if s.SizeBytes == 0 {
			return fault.New(fault.Invalid, "volume %s has neither a template nor a size", s.ID)
		}
		return nil
	}
	if s.TemplateFormat != qcow2 && s.TemplateFormat != raw {
		return fault.New(fault.Invalid, "no volume can be made of a template in format %q: only of qcow2 and raw", s.TemplateFormat)
	}
	return checkName("a template", s.TemplateID)
}

// createVolume goes to the pool and to the store in turn, so that a store that
// hangs is not mistaken for the pool.
func (s *Storage) createVolume(ctx context.Context, spec VolumeSpec) (Volume, error) {
	pool, err := s.root(spec.Pool)
	if err != nil {
		return Volume{}, err
	}
	there, err := guarded(ctx, s, pool, func(ctx context.Context) (standing, error) { return s.standing(ctx, spec, pool) })
	if err != nil || there.volume.Path != "" {
		return there.volume, err
	}
	if spec.TemplateID != "" && !there.template {
		store, err := s.root(spec.TemplateStore)
		if err != nil {
			return Volume{}, err
		}
		copying := func(ctx context.Context) (struct{}, error) { return struct{}{}, s.copyOnce(ctx, spec, store, pool) }
		if _, err := guarded(ctx, s, store, copying); err != nil {
			return Volume{}, err
		}
	}
	return guarded(ctx, s, pool, func(ctx context.Context) (Volume, error) { return s.overlay(ctx, spec, pool) })
}

// standing is what a pool has already of what is asked for.
type standing struct {
	volume   Volume
	template bool
}

func (s *Storage) standing(ctx context.Context, spec VolumeSpec, pool string) (there standing, err error) {
	if err := present(pool); err != nil {
		return standing{}, err
	}
	path := filepath.Join(pool, spec.ID)
	found, err := isFile(path)
	if err != nil {
		return standing{}, err
	}
	if found {
		there.volume, err = s.known(ctx, path)
		return there, err
	}
	if spec.TemplateID == "" {
		return there, nil
	}
	there.template, err = isFile(templatePath(pool, spec.TemplateID))
	return there, err
}

// known describes a volume that is there.
func (s *Storage) known(ctx context.Context, path string) (Volume, error) {
	found, err := s.inspect(ctx, path, qcow2)
	if err != nil {
		return Volume{}, err
	}
	return Volume{Path: path, SizeBytes: found.VirtualSize, Format: qcow2}, nil
}

// overlay has qemu-img write over a draft, and gives that its name.
func (s *Storage) overlay(ctx context.Context, spec VolumeSpec, pool string) (Volume, error) {
	size, backing := spec.SizeBytes, ""
	if spec.TemplateID != "" {
		template, err := s.inspect(ctx, templatePath(pool, spec.TemplateID), spec.TemplateFormat)
		if err != nil {
			return Volume{}, err
		}
		size, backing = max(size, template.VirtualSize), filepath.Join(templateFolder, spec.TemplateID)
	}
	d, err := newDraft(filepath.Join(pool, spec.ID))
	if err != nil {
		return Volume{}, err
	}
	defer d.discard()
	if err := s.createImage(ctx, d.Name(), size, backing, spec.TemplateFormat); err != nil {
		return Volume{}, err
	}
	if err := s.share(d.Name(), fileMode); err != nil {
		return Volume{}, err
	}
	if err := d.commit(); err != nil {
		return Volume{}, err
	}
	return s.known(ctx, d.path)
}

// DeleteVolume removes it; one that is not there is done, in a pool that is.
func (s *Storage) DeleteVolume(ctx context.Context, id string, pool Place) error {
	if err := checkName("a volume", id); err != nil {
		return err
	}
	root, err := s.root(pool)
	if err != nil {
		return err
	}
	_, err = guarded(ctx, s, root, func(context.Context) (struct{}, error) {
		return struct{}{}, remove(root, filepath.Join(root, id))
	})
	if err != nil {
		return fmt.Errorf("delete volume %s: %w", id, err)
	}
	return nil
}
