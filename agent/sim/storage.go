package sim

import (
	"bytes"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
)

const cacheDir = "/var/cache/cairn"

// file gives the pools' name of a path on this host: the host's cache is its
// own, all else is shared.
func (h *Host) file(path string) string {
	if strings.HasPrefix(path, cacheDir+"/") {
		return h.name + ":" + path
	}
	return path
}

func dir(at storage.Place) string {
	if at.Kind == storage.HostCache {
		return cacheDir
	}
	return at.Path
}

func imagePath(at storage.Place, name string) string {
	return path.Join(dir(at), "configdrive", name+".iso")
}

func volumePath(pool storage.Place, id string) string { return path.Join(dir(pool), id) }

func templatePath(store storage.Place, id string) string {
	return path.Join(dir(store), "template", id)
}

func (h *Host) readImage(path string) ([]byte, bool) { return h.pools.Read(h.file(path)) }

// Image is the content of an image, as it lies there.
func (h *Host) Image(at storage.Place, name string) ([]byte, bool) {
	return h.readImage(imagePath(at, name))
}

// PutImage writes an image, unless it lies there already.
func (h *Host) PutImage(ctx context.Context, at storage.Place, name string, content []byte) (string, bool, error) {
	if err := h.enter(ctx, "PutImage"); err != nil {
		return "", false, err
	}
	to := imagePath(at, name)
	if old, found := h.readImage(to); found && bytes.Equal(old, content) {
		return to, false, nil
	}
	return to, true, h.pools.write(h.file(to), file{content: slices.Clone(content)})
}

// DeleteImage removes an image.
func (h *Host) DeleteImage(ctx context.Context, at storage.Place, name string) error {
	if err := h.enter(ctx, "DeleteImage"); err != nil {
		return err
	}
	h.pools.remove(h.file(imagePath(at, name)))
	return nil
}

// CreateVolume makes a volume of a template that lies in its store.
func (h *Host) CreateVolume(ctx context.Context, v storage.VolumeSpec) (storage.Volume, error) {
	if err := h.enter(ctx, "CreateVolume"); err != nil {
		return storage.Volume{}, err
	}
	template, found := h.pools.read(h.file(templatePath(v.TemplateStore, v.TemplateID)))
	if !found {
		return storage.Volume{}, fault.New(fault.NotFound, "template %s is not in its store", v.TemplateID)
	}
	if v.TemplateSHA256 != "" && v.TemplateSHA256 != digest(template.content) {
		return storage.Volume{}, fault.New(fault.Conflict, "template %s is not what it was when it was fetched", v.TemplateID)
	}
	to := volumePath(v.Pool, v.ID)
	made := storage.Volume{Path: to, SizeBytes: max(v.SizeBytes, template.sizeBytes), Format: "qcow2"}
	if old, found := h.pools.read(h.file(to)); found {
		made.SizeBytes = old.sizeBytes
		return made, nil
	}
	return made, h.pools.write(h.file(to), file{content: []byte("over " + v.TemplateID), format: made.Format, sizeBytes: made.SizeBytes})
}

// DeleteVolume removes a volume.
func (h *Host) DeleteVolume(ctx context.Context, id string, pool storage.Place) error {
	if err := h.enter(ctx, "DeleteVolume"); err != nil {
		return err
	}
	h.pools.remove(h.file(volumePath(pool, id)))
	return nil
}

// FetchTemplate brings what was published under a URL into a store.
func (h *Host) FetchTemplate(ctx context.Context, t storage.TemplateSpec) (storage.Template, error) {
	if err := h.enter(ctx, "FetchTemplate"); err != nil {
		return storage.Template{}, err
	}
	what, found := h.pools.fetch(t.URL)
	sum := digest(what.Content)
	switch {
	case !found:
		return storage.Template{}, fault.New(fault.NotFound, "there is nothing at %s", t.URL)
	case what.Format != t.Format:
		return storage.Template{}, fault.New(fault.Invalid, "what lies at %s is of format %q, not %q", t.URL, what.Format, t.Format)
	case t.Checksum != "" && t.Checksum != "{SHA-256}"+sum:
		return storage.Template{}, fault.New(fault.Invalid, "what lies at %s does not have checksum %s", t.URL, t.Checksum)
	}
	to := templatePath(t.Store, t.ID)
	made := storage.Template{Path: to, SHA256: sum, SizeBytes: what.SizeBytes, PhysicalBytes: uint64(len(what.Content))}
	return made, h.pools.write(h.file(to), file{content: what.Content, format: what.Format, sizeBytes: what.SizeBytes})
}

// DeleteTemplate removes a template.
func (h *Host) DeleteTemplate(ctx context.Context, id string, store storage.Place) error {
	if err := h.enter(ctx, "DeleteTemplate"); err != nil {
		return err
	}
	h.pools.remove(h.file(templatePath(store, id)))
	return nil
}
