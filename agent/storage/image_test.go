package storage_test

import (
	"bytes"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestPutImage(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	s := open(t, func(c *storage.Config) { c.CacheDir, c.Group = cache, "kvm" })
	pool := directory(t)
	for name, tt := range map[string]struct {
		place storage.Place
		root  string
	}{
		"in the host's cache": {storage.Place{Kind: storage.HostCache}, cache},
		"in a pool":           {pool, pool.Path},
	} {
		t.Run(name, func(t *testing.T) {
			path, written, err := s.PutImage(t.Context(), tt.place, "i-2-4-VM", image(70))
			if want := filepath.Join(tt.root, "configdrive", "i-2-4-VM.iso"); path != want || !written || err != nil {
				t.Fatalf("got %s, %v, %v; want %s", path, written, err, want)
			}
			if !bytes.Equal(read(t, path), image(70)) {
				t.Error("the image holds something else")
			}
			hasMode(t, path, 0o640)
			hasMode(t, filepath.Dir(path), 0o751)
			if left := files(t, tt.root); left != "configdrive/i-2-4-VM.iso" {
				t.Errorf("there is more: %s", left)
			}
		})
	}
}

func hasMode(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	kvm, err := user.LookupGroup("kvm")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	group := strconv.FormatUint(uint64(info.Sys().(*syscall.Stat_t).Gid), 10)
	if info.Mode().Perm() != mode || group != kvm.Gid {
		t.Errorf("%s has mode %v and group %s; want %v and kvm", path, info.Mode(), group, mode)
	}
}

func TestPutImageAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		content []byte
		change  func(path string) error
		writes  bool
	}{
		"equal":                     {image(70), nothing, false},
		"of another length":         {image(71), nothing, true},
		"of one other byte":         {append(image(70)[:70<<10-1], '!'), nothing, true},
		"empty":                     {nil, nothing, true},
		"readable by all":           {image(70), func(path string) error { return os.Chmod(path, 0o644) }, true},
		"a link to the same":        {image(70), linked, true},
		"equal, owned by QEMU":      {image(70), func(path string) error { return os.Chown(path, 64055, 107) }, false},
		"gone":                      {image(70), os.Remove, true},
		"equal beside a dead draft": {image(70), func(path string) error { return os.WriteFile(draftOf(path), nil, 0o600) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, place := open(t), directory(t)
			path, _, err := s.PutImage(t.Context(), place, "i", image(70))
			if err != nil {
				t.Fatal(err)
			}
			old := time.Now().Add(-time.Hour)
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
			if err := tt.change(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.Lstat(path)
			_, written, err := s.PutImage(t.Context(), place, "i", tt.content)
			if err != nil || written != tt.writes {
				t.Fatalf("got %v, %v; want %v", written, err, tt.writes)
			}
			after, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			untouched := before != nil && os.SameFile(before, after) && before.ModTime().Equal(after.ModTime())
			if untouched == tt.writes {
				t.Errorf("untouched is %v", untouched)
			}
			if !after.Mode().IsRegular() || !bytes.Equal(read(t, path), tt.content) {
				t.Errorf("it holds something else, as %v", after.Mode())
			}
		})
	}
}

func nothing(string) error { return nil }

func linked(path string) error {
	if err := os.Rename(path, path+".real"); err != nil {
		return err
	}
	return os.Symlink(path+".real", path)
}

func draftOf(path string) string {
	return filepath.Join(filepath.Dir(path), ".cairn-"+filepath.Base(path)+".123.part")
}

func TestPutImageWhereItCannotBe(t *testing.T) {
	t.Parallel()
	tiny := mount(t, 0, "size=64k")
	readOnly := mount(t, syscall.MS_RDONLY, "")
	away := missing(t)
	file := directory(t)
	file.Path = write(t, filepath.Join(file.Path, "file"), nil)
	relative := storage.Place{Kind: storage.Directory, ID: "p1", Path: "pool"}
	for name, tt := range map[string]struct {
		place storage.Place
		name  string
		kind  fault.Kind
		says  string
	}{
		"a full place":         {tiny, "i", fault.NoCapacity, tiny.Path + "/configdrive/i.iso"},
		"a read-only place":    {readOnly, "i", fault.Unavailable, readOnly.Path + "/configdrive cannot be used: read-only file system"},
		"a place that is away": {away, "i", fault.Unavailable, away.Path + " cannot be used: no such file or directory"},
		"a file":               {file, "i", fault.Unavailable, file.Path + " is not a directory"},
		"a relative place":     {relative, "i", fault.Invalid, `the path "pool" of place p1 is not absolute`},
		"no place":             {storage.Place{}, "i", fault.Invalid, "no known kind"},
		"a name upwards":       {tiny, "../i", fault.Invalid, `"../i" cannot be the name of an instance`},
		"no name":              {tiny, "", fault.Invalid, `"" cannot be`},
		"a hidden name":        {tiny, ".cairn-x", fault.Invalid, `".cairn-x" cannot be`},
	} {
		t.Run(name, func(t *testing.T) {
			path, written, err := open(t).PutImage(t.Context(), tt.place, tt.name, image(70))
			refuses(t, err, tt.kind, tt.says)
			if path != "" || written {
				t.Errorf("got %q, %v beside the error", path, written)
			}
		})
	}
	if left := files(t, tiny.Path); left != "" {
		t.Errorf("the full place keeps %s", left)
	}
	if _, err := os.Stat(away.Path); err == nil {
		t.Error("a directory that was away was made")
	}
}

// A put that does not succeed leaves the image that was there.
func TestPutImageKeepsTheOld(t *testing.T) {
	t.Parallel()
	s, tiny := open(t), mount(t, 0, "size=128k")
	path, _, err := s.PutImage(t.Context(), tiny, "i", image(70))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = s.PutImage(t.Context(), tiny, "i", image(100))
	refuses(t, err, fault.NoCapacity, path)
	if !bytes.Equal(read(t, path), image(70)) {
		t.Error("the old image is not what it was")
	}
}

func TestPutImageForAnUnknownGroup(t *testing.T) {
	t.Parallel()
	s, place := open(t, func(c *storage.Config) { c.Group = "no-such-group" }), directory(t)
	_, _, err := s.PutImage(t.Context(), place, "i", image(1))
	refuses(t, err, fault.Unavailable, "no group no-such-group")
}

func TestPutImageNotWanted(t *testing.T) {
	t.Parallel()
	s, place := open(t), directory(t)
	_, _, err := s.PutImage(canceled(), place, "i", image(1))
	refuses(t, err, fault.Unavailable, "stopped")
	if left := files(t, place.Path); left != "" {
		t.Errorf("it was put: %s", left)
	}
}

func TestDeleteImage(t *testing.T) {
	t.Parallel()
	s, place := open(t), directory(t)
	if err := s.DeleteImage(t.Context(), place, "i"); err != nil {
		t.Errorf("one that never was: %v", err)
	}
	for _, name := range []string{"i", "i.iso", "other"} {
		if _, _, err := s.PutImage(t.Context(), place, name, image(1)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, draftOf(filepath.Join(place.Path, "configdrive", "i.iso")), nil)
	for range 2 {
		if err := s.DeleteImage(t.Context(), place, "i"); err != nil {
			t.Error(err)
		}
	}
	if left := files(t, place.Path); left != "configdrive/i.iso.iso configdrive/other.iso" {
		t.Errorf("left are %s", left)
	}
	refuses(t, s.DeleteImage(t.Context(), missing(t), "i"), fault.Unavailable, "unmounted")
	refuses(t, s.DeleteImage(t.Context(), place, "../i"), fault.Invalid, `"../i"`)
	frozenPlace := mount(t, 0, "")
	if _, _, err := s.PutImage(t.Context(), frozenPlace, "i", image(1)); err != nil {
		t.Fatal(err)
	}
	frozen(t, frozenPlace)
	refuses(t, s.DeleteImage(t.Context(), frozenPlace, "i"), fault.Unavailable, "read-only")
}
