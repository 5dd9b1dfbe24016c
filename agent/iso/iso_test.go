package iso_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent/iso"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// drive is a tree of the kind that the package is for: 13 files.
func drive() iso.Image {
	userData := bytes.Repeat([]byte("#!/bin/sh\necho hello\n"), 700)
	return iso.Image{
		Label: "config-2",
		Time:  time.Date(2026, 8, 1, 12, 30, 59, 0, time.UTC),
		Files: []iso.File{
			{Path: "cloudstack/userdata/user_data.txt", Content: userData},
			{Path: "cloudstack/metadata/service-offering.txt", Content: []byte("Small Instance")},
			{Path: "cloudstack/metadata/availability-zone.txt", Content: []byte("zone1")},
			{Path: "cloudstack/metadata/local-hostname.txt", Content: []byte("web1")},
			{Path: "cloudstack/metadata/local-ipv4.txt", Content: []byte("10.1.1.5")},
			{Path: "cloudstack/metadata/instance-id.txt", Content: []byte("2f0cb3a5-5f0a-4b0e-9a53-0d3dcfa2a111")},
			{Path: "cloudstack/metadata/vm-id.txt", Content: []byte("2f0cb3a5-5f0a-4b0e-9a53-0d3dcfa2a111")},
			{Path: "cloudstack/metadata/public-keys.txt", Content: []byte("ssh-ed25519 AAAA me@x")},
			{Path: "cloudstack/password/vm_password.txt", Content: []byte("s3cret"), Mode: 0o400},
			{Path: "openstack/latest/meta_data.json", Content: []byte(`{"uuid":"2f0cb3a5-5f0a-4b0e-9a53-0d3dcfa2a111"}`)},
			{Path: "openstack/latest/vendor_data.json", Content: []byte("{}")},
			{Path: "openstack/latest/network_data.json", Content: []byte(`{"links":[],"networks":[],"services":[]}`)},
			{Path: "openstack/latest/user_data", LinkTo: "cloudstack/userdata/user_data.txt"},
		},
	}
}

// build makes an image and checks it against its source with our own reader.
func build(t testing.TB, img iso.Image) []byte {
	t.Helper()
	image, err := img.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(img, image); err != nil {
		t.Fatal(err)
	}
	return image
}

func TestDrive(t *testing.T) {
	t.Parallel()
	image := build(t, drive())
	if len(image) > 128<<10 {
		t.Errorf("a drive with 14 KB of user data has %d bytes", len(image))
	}
	if digest := iso.Digest([]byte("abc")); digest != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("digest of abc is %s", digest)
	}
}

func TestTrees(t *testing.T) {
	t.Parallel()
	many := make([]iso.File, 300)
	similar := make([]iso.File, 1200)
	for i := range many {
		many[i] = iso.File{Path: fmt.Sprintf("metadata/item-%d-%s.txt", i, strings.Repeat("é", i%50)), Content: []byte{byte(i)}}
	}
	for i := range similar {
		similar[i] = iso.File{Path: fmt.Sprintf("%s%04d", strings.Repeat("x", 50), i)}
	}
	for name, img := range map[string]iso.Image{
		"empty":             {},
		"empty directories": {Directories: []string{"a/b/c", "a/b", "d", "d"}},
		"empty file":        {Files: []iso.File{{Path: "empty"}, {Path: "also"}, {Path: "full", Content: []byte("x")}}},
		"links to an empty file": {Files: []iso.File{
			{Path: "z", LinkTo: "m"}, {Path: "a/b", LinkTo: "m"}, {Path: "m"},
		}},
		"whole blocks": {Files: []iso.File{
			{Path: "one", Content: make([]byte, 2048)}, {Path: "more", Content: bytes.Repeat([]byte("ab"), 1025)},
		}},
		"many records, long names":  {Files: many},
		"names alike for 50 places": {Files: similar},
		"a mangled name gives way": {Files: []iso.File{
			{Path: "a-b.txt"}, {Path: "a_b.txt"}, {Path: "a+b.txt"}, {Path: "x-000"}, {Path: "x_000"}, {Path: "x_"}, {Path: "x-"},
		}},
		"alike, with long extensions": {Files: []iso.File{
			{Path: "+." + strings.Repeat("x", 29)}, {Path: "-." + strings.Repeat("x", 29)}, {Path: "!." + strings.Repeat("x", 29)},
		}},
		"file and directory": {Files: []iso.File{{Path: "a-b/c"}, {Path: "a_b"}}, Directories: []string{"a.b"}},
		"dots": {Files: []iso.File{
			{Path: ".hidden"},
			{Path: "..twice"},
			{Path: "a.b.c.tar.gz"},
			{Path: "a"},
			{Path: "a.b"},
			{Path: "a-b"},
			{Path: ".a.b/.c"},
			{Path: strings.Repeat(".", 40) + "x"},
			{Path: strings.Repeat("a.", 30) + "b"},
		}, Directories: []string{strings.Repeat("b.", 31) + "c"}},
		"eight levels": {Files: []iso.File{{Path: "1/2/3/4/5/6/7/file"}}, Directories: []string{"a/b/c/d/e/f/g"}},
		"longest name": {Files: []iso.File{{Path: strings.Repeat("界", 64)}, {Path: strings.Repeat("界", 63) + "x"}}},
		"modes": {Files: []iso.File{
			{Path: "a", Mode: 0o400}, {Path: "b", Mode: 0o755}, {Path: "c", LinkTo: "a"}, {Path: "d", Mode: 0o777},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img.Label = "config-2"
			build(t, img)
		})
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	img := drive()
	img.Directories = []string{"b/c", "a", "b/a"}
	img.Files = append(img.Files, iso.File{Path: "a/x-y"}, iso.File{Path: "a/x+y"}, iso.File{Path: "a/link", LinkTo: "a/x-y"})
	first := build(t, img)
	shuffle := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		shuffle.Shuffle(len(img.Files), func(i, j int) { img.Files[i], img.Files[j] = img.Files[j], img.Files[i] })
		shuffle.Shuffle(len(img.Directories), func(i, j int) {
			img.Directories[i], img.Directories[j] = img.Directories[j], img.Directories[i]
		})
		if image := build(t, img); !bytes.Equal(image, first) {
			t.Fatal("another order gave another image")
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		time  time.Time
		long  string
		short string
	}{
		{time.Time{}, "1980010100000000\x00", "\x50\x01\x01\x00\x00\x00\x00"},
		{time.Date(2026, 12, 31, 23, 59, 58, 999, time.UTC), "2026123123595800\x00", "\x7e\x0c\x1f\x17\x3b\x3a\x00"},
		{time.Date(2026, 1, 1, 1, 0, 0, 0, time.FixedZone("east", 2*3600)), "2025123123000000\x00", "\x7d\x0c\x1f\x17\x00\x00\x00"},
	} {
		image := build(t, iso.Image{Label: "x", Time: c.time, Files: []iso.File{{Path: "a/b"}}})
		v, err := readVolume(image)
		if err != nil {
			t.Fatal(err)
		}
		if want := c.long + c.long + "0000000000000000\x00" + c.long; v.dates[0] != want || v.dates[1] != want {
			t.Errorf("%s: the volume has %q", c.time, v.dates)
		}
		for _, tree := range []*tree{v.plain, v.joliet} {
			if len(tree.stamps) != 1 || !tree.stamps[c.short] {
				t.Errorf("%s: records have %q", c.time, slices.Collect(maps.Keys(tree.stamps)))
			}
		}
	}
}

func TestLinksShareOneExtent(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("x"), 1<<20)
	one := build(t, iso.Image{Label: "x", Files: []iso.File{{Path: "a", Content: content}}})
	two := build(t, iso.Image{Label: "x", Files: []iso.File{{Path: "a", Content: content}, {Path: "b", LinkTo: "a"}}})
	if len(one) != len(two) {
		t.Errorf("a link makes %d bytes of %d", len(two), len(one))
	}
}

func TestLargest(t *testing.T) {
	t.Parallel()
	empty := build(t, iso.Image{Label: "x", Files: []iso.File{{Path: "a", Content: []byte("x")}}})
	room := iso.MaxSize - len(empty) + 2048
	image, err := iso.Image{Label: "x", Files: []iso.File{{Path: "a", Content: make([]byte, room)}}}.Bytes()
	if err != nil || len(image) != iso.MaxSize {
		t.Fatalf("image of %d bytes: %v", len(image), err)
	}
	_, err = iso.Image{Label: "x", Files: []iso.File{{Path: "a", Content: make([]byte, room+2*2048)}}}.Bytes()
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "67108864") {
		t.Errorf("a little more: %v", err)
	}
}
