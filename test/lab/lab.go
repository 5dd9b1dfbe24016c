// Package lab gives tests real KVM hosts on one machine: each with its own
// libvirtd, all with guests that tell on their serial console what they see.
//
// The scripts beside this file do the work and serve a person as well as a
// test; this package calls them and reads their answers. It needs root and the
// Debian packages that packages.sh installs. Only tests import it.
//
// In:  a folder, a host name, a domain that some agent has started.
// Out: a libvirt URI, a guest image, the guest's own report, to a test.
package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TempDir makes a folder for hosts and images, and removes it when the test
// ends. Unlike [testing.TB.TempDir] it can be reached by the user that QEMU
// runs as, and is short enough for Unix sockets below it.
func TempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "cairn-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// script finds a script of the lab from any package's test, which runs in its
// own package's folder.
func script(name string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, "test", "lab", name)
		switch _, err := os.Stat(path); {
		case err == nil:
			return path, nil
		case !errors.Is(err, os.ErrNotExist):
			return "", err
		case dir == filepath.Dir(dir):
			return "", fmt.Errorf("find test/lab/%s: not below the source tree", name)
		}
	}
}
