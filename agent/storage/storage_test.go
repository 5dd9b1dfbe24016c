package storage_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open gives a storage whose cache is a folder of the test.
func open(t testing.TB, change ...func(*storage.Config)) *storage.Storage {
	t.Helper()
	config := storage.Config{CacheDir: t.TempDir()}
	for _, c := range change {
		c(&config)
	}
	return storage.New(config, slog.New(slog.NewTextHandler(t.Output(), nil)))
}

func directory(t testing.TB) storage.Place {
	t.Helper()
	return storage.Place{Kind: storage.Directory, ID: "p1", Path: t.TempDir()}
}

// mount gives a place that is a tmpfs of its own.
func mount(t testing.TB, flags uintptr, options string) storage.Place {
	t.Helper()
	place := directory(t)
	if err := syscall.Mount("cairn-test", place.Path, "tmpfs", flags, options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(place.Path, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return place
}

// frozen makes a place read-only with all that is in it.
func frozen(t testing.TB, place storage.Place) {
	t.Helper()
	if err := syscall.Mount("", place.Path, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
}

// missing is a place whose directory is not there.
func missing(t testing.TB) storage.Place {
	t.Helper()
	place := directory(t)
	place.Path = filepath.Join(place.Path, "unmounted")
	return place
}

// refuses checks an error's kind and what its user reads.
func refuses(t testing.TB, err error, kind fault.Kind, says string) {
	t.Helper()
	if fault.Of(err) != kind || !strings.Contains(fault.Message(err), says) {
		t.Errorf("got %v %q: %v; want %v that says %q", fault.Of(err), fault.Message(err), err, kind, says)
	}
}

// files lists all below a directory, drafts and locks too.
func files(t testing.TB, dir string) string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			path, err = filepath.Rel(dir, path)
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(found, " ")
}

func write(t testing.TB, path string, content []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func qemuImg(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "qemu-img", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("qemu-img %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// disk is a raw disk of that many MiB with a partition table of no partitions.
func disk(mebibytes int) []byte {
	content := make([]byte, mebibytes<<20)
	content[510], content[511] = 0x55, 0xaa
	copy(content[1<<10:], "some data")
	return content
}

// qcow2Image is such a disk as qcow2, made with the options given to qemu-img.
func qcow2Image(t testing.TB, path string, options ...string) string {
	t.Helper()
	from := write(t, filepath.Join(t.TempDir(), "raw"), disk(1))
	args := append([]string{"convert", "-f", "raw", "-O", "qcow2"}, options...)
	qemuImg(t, append(args, from, path)...)
	return path
}

func sha256Hex(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func image(kibibytes int) []byte {
	return bytes.Repeat([]byte("cairn "), kibibytes<<10/6+1)[:kibibytes<<10]
}

// sum is a checksum as the programs of coreutils give it.
func sum(t testing.TB, name string, content []byte) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name+"sum")
	cmd.Stdin = bytes.NewReader(content)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	digits, _, _ := strings.Cut(string(out), " ")
	return digits
}

func cancelable(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}
