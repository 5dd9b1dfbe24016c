package iso_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/agent/iso"
)

// Readers by others, which must all see the tree that was put in. They are
// needed, not optional: a machine without them fails these tests.

func TestStrangersReadDrive(t *testing.T) {
	t.Parallel()
	img := drive()
	img.Directories = []string{"openstack/content"}
	strangersAgree(t, t.TempDir(), img)
}

func TestStrangersReadRandomTrees(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	for seed := range 25 {
		strangersAgree(t, directory, treeOf().Example(seed))
	}
}

func strangersAgree(t *testing.T, directory string, img iso.Image) {
	t.Helper()
	image := build(t, img)
	file := filepath.Join(directory, "image.iso")
	if err := os.WriteFile(file, image, 0o600); err != nil {
		t.Fatal(err)
	}
	tree := want(img)
	for name, err := range map[string]error{
		"go-diskfs":           diskfsAgrees(img, image),
		"isoinfo, rock ridge": isoinfoAgrees(file, tree, "-R", func(p string) string { return p }),
		"isoinfo, joliet":     isoinfoAgrees(file, tree, "-J", latin1),
		"7z, joliet":          sevenZipAgrees(file, filepath.Join(directory, "7z"), tree),
		"bsdtar, rock ridge":  bsdtarAgrees(file, tree),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// isoinfoAgrees compares the names that isoinfo lists, and the contents of the
// files that can be named to it.
func isoinfoAgrees(file string, tree map[string]wanted, hierarchy string, spell func(string) string) error {
	list, err := run("isoinfo", hierarchy, "-f", "-i", file)
	if err != nil {
		return err
	}
	got := strings.Fields(strings.ReplaceAll(string(list), " ", "\x00"))
	slices.Sort(got)
	var wants []string
	for p := range tree {
		if p != "" {
			wants = append(wants, "/"+strings.ReplaceAll(spell(p), " ", "\x00"))
		}
	}
	slices.Sort(wants)
	if !slices.Equal(got, wants) {
		return fmt.Errorf("names are %q, want %q", got, wants)
	}
	for p, w := range tree {
		if w.directory || spell(p) != p {
			continue
		}
		content, err := run("isoinfo", hierarchy, "-i", file, "-x", "/"+p)
		if err != nil {
			return err
		}
		if string(content) != w.content {
			return fmt.Errorf("%q has %d bytes, want %d", p, len(content), len(w.content))
		}
	}
	return nil
}

// latin1 spells a Joliet name as isoinfo prints it: it knows no UTF-8.
func latin1(p string) string {
	var b []byte
	for _, r := range p {
		if r > 0xFF {
			r = '_'
		}
		b = append(b, byte(r))
	}
	return string(b)
}

// sevenZipAgrees unpacks an image with 7z, which prefers Joliet.
func sevenZipAgrees(file, into string, tree map[string]wanted) error {
	if err := errors.Join(os.RemoveAll(into), os.Mkdir(into, 0o700)); err != nil {
		return err
	}
	if _, err := run("7z", "x", "-y", "-o"+into, file); err != nil {
		return err
	}
	got := make(map[string]shown)
	err := filepath.WalkDir(into, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(strings.TrimPrefix(p, into), "/")
		if d.IsDir() {
			got[name] = shown{directory: true}
			return nil
		}
		content, err := os.ReadFile(p)
		got[name] = shown{content: string(content)}
		return err
	})
	return errors.Join(err, diff(got, show(tree)))
}

// bsdtarAgrees turns an image into a tar archive with libarchive, which reads
// Rock Ridge, and compares that: modes and links as well.
func bsdtarAgrees(file string, tree map[string]wanted) error {
	archive, err := run("bsdtar", "--format", "pax", "-cf", "-", "@"+file)
	if err != nil {
		return err
	}
	got, inodes := make(map[string]shown), make(map[string]string)
	for r := tar.NewReader(bytes.NewReader(archive)); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		p := tarPath(header.Name)
		s := shown{header.Typeflag == tar.TypeDir, string(content)}
		inodes[p] = p
		if header.Typeflag == tar.TypeLink {
			inodes[p] = inodes[tarPath(header.Linkname)]
			s = got[inodes[p]]
		}
		got[p] = s
		if w := tree[p]; uint32(header.Mode) != w.mode&0o7777 || header.Uid != 0 || header.Gid != 0 {
			return fmt.Errorf("%q has mode %o and owner %d:%d, want %o", p, header.Mode, header.Uid, header.Gid, w.mode)
		}
	}
	return errors.Join(diff(got, show(tree)), sameLinks(inodes, tree))
}

func tarPath(name string) string { return strings.TrimSuffix(strings.TrimPrefix(name, "./"), "/") }

// sameLinks checks that names are linked exactly where they were put in so.
// libarchive does not link empty files.
func sameLinks(inodes map[string]string, tree map[string]wanted) error {
	for p, w := range tree {
		if linked := inodes[p] == inodes[w.owner]; !w.directory && w.content != "" && !linked {
			return fmt.Errorf("%q is not linked to %q", p, w.owner)
		}
	}
	for p, first := range inodes {
		if tree[p].owner != tree[first].owner {
			return fmt.Errorf("%q is linked to %q", p, first)
		}
	}
	return nil
}

func run(name string, args ...string) ([]byte, error) {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s%s", strings.Join(c.Args, " "), err, stderr.String(), out)
	}
	return out, nil
}
