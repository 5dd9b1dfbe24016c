package storage_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// fixture is a store with a template of 1 MiB in it, and an empty pool.
type fixture struct {
	pool, store storage.Place
	template    string
}

func newFixture(t testing.TB, format string) fixture {
	t.Helper()
	f := fixture{pool: directory(t), store: directory(t)}
	f.template = filepath.Join(f.store.Path, "template", "tmpl")
	write(t, f.template, disk(1))
	if format == "qcow2" {
		qcow2Image(t, f.template)
	}
	return f
}

func (f fixture) volume(t testing.TB, id, format string) storage.VolumeSpec {
	t.Helper()
	return storage.VolumeSpec{
		ID: id, Pool: f.pool, TemplateID: "tmpl", TemplateStore: f.store,
		TemplateSHA256: sha256Hex(read(t, f.template)), TemplateFormat: format,
	}
}

func TestCreateVolume(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		format string
		size   uint64
		want   uint64
	}{
		"of the template's size":    {"qcow2", 0, 1 << 20},
		"larger":                    {"qcow2", 8 << 20, 8 << 20},
		"smaller":                   {"qcow2", 4096, 1 << 20},
		"on a raw template":         {"raw", 8 << 20, 8 << 20},
		"on a template in capitals": {"QCOW2", 0, 1 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, func(c *storage.Config) { c.Group = "kvm" })
			f := newFixture(t, strings.ToLower(tt.format))
			spec := f.volume(t, "vol", tt.format)
			spec.SizeBytes = tt.size
			volume, err := s.CreateVolume(t.Context(), spec)
			want := storage.Volume{Path: filepath.Join(f.pool.Path, "vol"), SizeBytes: tt.want, Format: "qcow2"}
			if err != nil || volume != want {
				t.Fatalf("got %+v, %v; want %+v", volume, err, want)
			}
			hasMode(t, volume.Path, 0o640)
			if left := files(t, f.pool.Path); left != "template/tmpl vol" {
				t.Errorf("the pool holds %s", left)
			}
			// What a guest reads is what the template holds.
			copied := filepath.Join(t.TempDir(), "raw")
			qemuImg(t, "convert", "-O", "raw", volume.Path, copied)
			if content := read(t, copied); uint64(len(content)) != tt.want || string(content[:1<<20]) != string(disk(1)) {
				t.Errorf("the volume's %d bytes are not the template's", len(content))
			}
			// The pool may be mounted elsewhere.
			var seen struct {
				Backing string `json:"backing-filename"`
			}
			if err := json.Unmarshal([]byte(qemuImg(t, "info", "--output=json", volume.Path)), &seen); err != nil || seen.Backing != "template/tmpl" {
				t.Errorf("it builds on %q, %v", seen.Backing, err)
			}
		})
	}
}

func TestCreateEmptyVolume(t *testing.T) {
	t.Parallel()
	s, pool := open(t), directory(t)
	write(t, filepath.Join(pool.Path, "template", "other"), nil)
	volume, err := s.CreateVolume(t.Context(), storage.VolumeSpec{ID: "vol", Pool: pool, SizeBytes: 3 << 30})
	if err != nil || volume.SizeBytes != 3<<30 || volume.Format != "qcow2" {
		t.Errorf("got %+v, %v", volume, err)
	}
}

// The same volume again is the one that is there, with what the guest wrote.
func TestCreateVolumeAgain(t *testing.T) {
	t.Parallel()
	s, f := open(t), newFixture(t, "qcow2")
	spec := f.volume(t, "vol", "qcow2")
	first, err := s.CreateVolume(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(first.Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(f.template); err != nil { // nor is the store needed any more
		t.Fatal(err)
	}
	spec.SizeBytes = 5 << 30
	second, err := s.CreateVolume(t.Context(), spec)
	if err != nil || second != first {
		t.Errorf("got %+v, %v; want %+v", second, err, first)
	}
	after, err := os.Stat(first.Path)
	if err != nil || !os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) {
		t.Errorf("it was touched: %v", err)
	}
	spec.ID = "another"
	if _, err := s.CreateVolume(t.Context(), spec); err != nil {
		t.Errorf("another one needs the store: %v", err)
	}
}

// Many at a time, of two agents that share a pool, copy the template once.
func TestCreateVolumesAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "raw")
	agents := []*storage.Storage{open(t), open(t)}
	copied := make(chan os.FileInfo, 12)
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			spec := f.volume(t, "vol-"+string(rune('a'+i)), "raw")
			if _, err := agents[i%2].CreateVolume(t.Context(), spec); err != nil {
				t.Error(err)
			}
			info, err := os.Stat(filepath.Join(f.pool.Path, "template", "tmpl"))
			if err != nil {
				t.Error(err)
			}
			copied <- info
		})
	}
	all.Wait()
	first := <-copied
	for range 11 {
		if other := <-copied; !os.SameFile(first, other) || !first.ModTime().Equal(other.ModTime()) {
			t.Error("the template was copied more than once")
		}
	}
	if left := files(t, filepath.Join(f.pool.Path, "template")); left != "tmpl" {
		t.Errorf("left are %s", left)
	}
}

func TestCreateVolumeWhereItCannotBe(t *testing.T) {
	t.Parallel()
	tiny, readOnly, away := mount(t, 0, "size=256k"), mount(t, syscall.MS_RDONLY, ""), missing(t)
	good := newFixture(t, "qcow2")
	inTheWay := newFixture(t, "qcow2")
	write(t, filepath.Join(inTheWay.pool.Path, "vol"), []byte("not an image"))
	write(t, filepath.Join(inTheWay.pool.Path, "dir", "x"), nil)
	for name, tt := range map[string]struct {
		change func(*storage.VolumeSpec)
		kind   fault.Kind
		says   string
	}{
		"a full pool":          {func(s *storage.VolumeSpec) { s.Pool = tiny }, fault.NoCapacity, tiny.Path + "/"},
		"a read-only pool":     {func(s *storage.VolumeSpec) { s.Pool = readOnly }, fault.Unavailable, readOnly.Path},
		"a pool that is away":  {func(s *storage.VolumeSpec) { s.Pool = away }, fault.Unavailable, away.Path},
		"a store that is away": {func(s *storage.VolumeSpec) { s.TemplateStore = away }, fault.Unavailable, away.Path + "/template/tmpl"},
		"a damaged template": {
			func(s *storage.VolumeSpec) { s.TemplateSHA256 = sha256Hex(nil) }, fault.Unavailable,
			good.template + " is damaged",
		},
		"an unknown template": {func(s *storage.VolumeSpec) { s.TemplateID = "none" }, fault.Unavailable, "template/none"},
		"a VMDK template":     {func(s *storage.VolumeSpec) { s.TemplateFormat = "VMDK" }, fault.Invalid, `"vmdk"`},
		"nothing":             {func(s *storage.VolumeSpec) { s.TemplateID = "" }, fault.Invalid, "neither a template nor a size"},
		"a name upwards":      {func(s *storage.VolumeSpec) { s.ID = "../vol" }, fault.Invalid, `"../vol"`},
		"a folder's name":     {func(s *storage.VolumeSpec) { s.ID = "template" }, fault.Invalid, `"template"`},
		"a template upwards":  {func(s *storage.VolumeSpec) { s.TemplateID = "../../etc/passwd" }, fault.Invalid, "../../etc/passwd"},
		"a file in the way":   {func(s *storage.VolumeSpec) { s.Pool = inTheWay.pool }, fault.Unavailable, "qemu-img info"},
		"a folder in the way": {func(s *storage.VolumeSpec) { s.ID, s.Pool = "dir", inTheWay.pool }, fault.Unavailable, "is in the way"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := good.volume(t, "vol", "qcow2")
			tt.change(&spec)
			_, err := open(t).CreateVolume(t.Context(), spec)
			refuses(t, err, tt.kind, tt.says)
			if left := files(t, tiny.Path) + files(t, good.pool.Path); left != "" {
				t.Errorf("left are %s", left)
			}
		})
	}
}

// A qemu-img that hangs is killed with the caller's patience, and its draft
// goes with it.
func TestCreateVolumeGivenUp(t *testing.T) {
	t.Parallel()
	script := write(t, filepath.Join(t.TempDir(), "qemu-img"), []byte("#!/bin/sh\nexec sleep 600\n"))
	if err := os.Chmod(script, 0o755); err != nil {
		t.Fatal(err)
	}
	s, f := open(t, func(c *storage.Config) { c.QemuImg = script }), newFixture(t, "qcow2")
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := s.CreateVolume(ctx, storage.VolumeSpec{ID: "vol", Pool: f.pool, SizeBytes: 1 << 20})
	refuses(t, err, fault.Timeout, "qemu-img create was stopped")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	if left := files(t, f.pool.Path); left != "" {
		t.Errorf("left are %s", left)
	}
}

func TestCreateVolumeWithoutQemuImg(t *testing.T) {
	t.Parallel()
	s, pool := open(t, func(c *storage.Config) { c.QemuImg = "/nowhere/qemu-img" }), directory(t)
	_, err := s.CreateVolume(t.Context(), storage.VolumeSpec{ID: "vol", Pool: pool, SizeBytes: 1 << 20})
	refuses(t, err, fault.Unavailable, "qemu-img cannot be run")
}

func TestDeleteVolume(t *testing.T) {
	t.Parallel()
	s, f := open(t), newFixture(t, "qcow2")
	if _, err := s.CreateVolume(t.Context(), f.volume(t, "vol", "qcow2")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.DeleteVolume(t.Context(), "vol", f.pool); err != nil {
			t.Error(err)
		}
	}
	if left := files(t, f.pool.Path); left != "template/tmpl" {
		t.Errorf("left are %s", left)
	}
	refuses(t, s.DeleteVolume(t.Context(), "vol", missing(t)), fault.Unavailable, "unmounted")
	refuses(t, s.DeleteVolume(t.Context(), "template", f.pool), fault.Invalid, `"template"`)
}
