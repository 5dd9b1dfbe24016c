package actiontest

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func images(t *testing.T, ctx context.Context, f Fixture) {
	for _, at := range []storage.Place{f.Pool, {Kind: storage.HostCache}} {
		path := put(t, ctx, f, at, []byte("one"), true)
		if filepath.Base(path) != "i-2-1-VM.iso" || filepath.Base(filepath.Dir(path)) != "configdrive" || !strings.HasPrefix(path, at.Path) {
			t.Errorf("the image is at %s", path)
		}
		put(t, ctx, f, at, []byte("one"), false)
		if err := f.Storage.DeleteImage(ctx, at, "i-2-1-VM"); err != nil {
			t.Error(err)
		}
		if _, err := f.Read(path); err == nil {
			t.Error("a deleted image is still there")
		}
		put(t, ctx, f, at, []byte("one"), true)
	}
}

func put(t *testing.T, ctx context.Context, f Fixture, at storage.Place, content []byte, written bool) string {
	t.Helper()
	path, wrote, err := f.Storage.PutImage(ctx, at, "i-2-1-VM", content)
	if err != nil {
		t.Fatal(err)
	}
	if wrote != written {
		t.Errorf("written: %t, want %t", wrote, written)
	}
	if lies, err := f.Read(path); err != nil || !bytes.Equal(lies, content) {
		t.Errorf("at %s lies %q, %v", path, lies, err)
	}
	return path
}

func replacedImage(t *testing.T, ctx context.Context, f Fixture) {
	first := put(t, ctx, f, f.Pool, bytes.Repeat([]byte("a"), 400<<10), true)
	if second := put(t, ctx, f, f.Pool, []byte("b"), true); second != first {
		t.Errorf("the image moved from %s to %s", first, second)
	}
}

func fetchedTemplate(t *testing.T, ctx context.Context, f Fixture) {
	for range 2 {
		made := fetch(t, ctx, f)
		if made.SHA256 != f.Template.SHA256 || made.SizeBytes != f.Template.SizeBytes || made.PhysicalBytes == 0 {
			t.Errorf("fetched %+v", made)
		}
		if _, err := f.Read(made.Path); err != nil {
			t.Error(err)
		}
	}
}

func templateSpec(f Fixture) storage.TemplateSpec {
	return storage.TemplateSpec{
		ID: "template-1", URL: f.Template.URL, Format: f.Template.Format,
		Checksum: "{SHA-256}" + f.Template.SHA256, Store: f.Store,
	}
}

func fetch(t *testing.T, ctx context.Context, f Fixture) storage.Template {
	t.Helper()
	made, err := f.Storage.FetchTemplate(ctx, templateSpec(f))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func garbage(t *testing.T, ctx context.Context, f Fixture) {
	spec := templateSpec(f)
	spec.URL, spec.Checksum = f.Garbage, ""
	if _, err := f.Storage.FetchTemplate(ctx, spec); !fault.Is(err, fault.Invalid) {
		t.Errorf("fetched with %v", err)
	}
	noVolume(t, ctx, f)
}

func wrongTemplate(t *testing.T, ctx context.Context, f Fixture) {
	spec := templateSpec(f)
	spec.Checksum = "{SHA-256}" + strings.Repeat("0", 64)
	if _, err := f.Storage.FetchTemplate(ctx, spec); !fault.Is(err, fault.Invalid) {
		t.Errorf("fetched with %v", err)
	}
	spec = templateSpec(f)
	spec.URL += ".absent"
	if _, err := f.Storage.FetchTemplate(ctx, spec); err == nil {
		t.Error("fetched what is not there")
	}
	noVolume(t, ctx, f)
}

func volumeSpec(f Fixture) storage.VolumeSpec {
	return storage.VolumeSpec{
		ID: "volume-1", Pool: f.Pool, SizeBytes: f.Template.SizeBytes + 1<<20,
		TemplateID: "template-1", TemplateStore: f.Store, TemplateSHA256: f.Template.SHA256, TemplateFormat: f.Template.Format,
	}
}

// noVolume makes sure that a template which was refused left nothing to use.
func noVolume(t *testing.T, ctx context.Context, f Fixture) {
	t.Helper()
	if made, err := f.Storage.CreateVolume(ctx, volumeSpec(f)); err == nil {
		t.Errorf("of a template that is not there was made %+v", made)
	}
}

func makeVolume(t *testing.T, ctx context.Context, f Fixture, spec storage.VolumeSpec) storage.Volume {
	t.Helper()
	made, err := f.Storage.CreateVolume(ctx, spec)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func volume(t *testing.T, ctx context.Context, f Fixture) {
	fetch(t, ctx, f)
	spec := volumeSpec(f)
	made := makeVolume(t, ctx, f, spec)
	if made.SizeBytes != spec.SizeBytes || made.Format == "" {
		t.Errorf("made %+v", made)
	}
	if again := makeVolume(t, ctx, f, spec); again != made {
		t.Errorf("made %+v, then %+v", made, again)
	}
	small := volumeSpec(f)
	small.ID, small.SizeBytes = "volume-2", 1
	if got := makeVolume(t, ctx, f, small); got.SizeBytes != f.Template.SizeBytes {
		t.Errorf("a volume smaller than its template has %d bytes", got.SizeBytes)
	}
	if err := f.Storage.DeleteVolume(ctx, spec.ID, f.Pool); err != nil {
		t.Error(err)
	}
	if _, err := f.Read(made.Path); err == nil {
		t.Error("a deleted volume is still there")
	}
}

func volumeWithoutTemplate(t *testing.T, ctx context.Context, f Fixture) {
	noVolume(t, ctx, f)
	fetch(t, ctx, f)
	other := volumeSpec(f)
	other.TemplateSHA256 = strings.Repeat("0", 64)
	if made, err := f.Storage.CreateVolume(ctx, other); err == nil {
		t.Errorf("of a template that is another was made %+v", made)
	}
}

func deleteNothing(t *testing.T, ctx context.Context, f Fixture) {
	for what, err := range map[string]error{
		"image":    f.Storage.DeleteImage(ctx, f.Pool, "none"),
		"volume":   f.Storage.DeleteVolume(ctx, "none", f.Pool),
		"template": f.Storage.DeleteTemplate(ctx, "none", f.Store),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	fetch(t, ctx, f)
	for range 2 {
		if err := f.Storage.DeleteTemplate(ctx, "template-1", f.Store); err != nil {
			t.Error(err)
		}
	}
	noVolume(t, ctx, f)
}

func cancelledStorage(t *testing.T, ctx context.Context, f Fixture) {
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := f.Storage.PutImage(over, f.Pool, "i-2-1-VM", []byte("one")); err == nil {
		t.Error("an image was put")
	}
	if _, err := f.Storage.FetchTemplate(over, templateSpec(f)); err == nil {
		t.Error("a template was fetched")
	}
	put(t, ctx, f, f.Pool, []byte("one"), true)
	noVolume(t, ctx, f)
}
