package configdrive_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/diskfs/go-diskfs/backend"
	"github.com/diskfs/go-diskfs/filesystem/iso9660"

	"github.com/cairn-kvm/cairn/agent/configdrive"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// FuzzRender takes arbitrary data. What is not refused must make a drive that
// guests accept and that go-diskfs reads back as it was rendered.
func FuzzRender(f *testing.F) {
	f.Add("userdata", "user_data", []byte("#!/bin/sh"), "ssh-rsa A me\nssh-rsa B", "p", "10.0.0.5", "255.255.255.0", "10.0.0.1", uint8(0))
	f.Add("metadata", "color", []byte("blue"), "", "pä\"", "2001:db8::5", "64", "fe80::1", uint8(7))
	f.Add("", "x", []byte{0xff}, "#", "saved_password", "", "", "", uint8(255))
	f.Add("password", "..", []byte(" "), "a b c d", "\n", "x", "y", "z", uint8(2))
	f.Fuzz(func(t *testing.T, directory, name string, content []byte, keys, password, address, mask, gateway string, flags uint8) {
		d := items(
			configdrive.Item{Directory: directory, Name: name, Content: content},
			item("metadata", "public-keys", keys), item("password", "vm_password", password),
		)
		d.Windows = flags&1 != 0
		d.NICs = []configdrive.NIC{
			{
				MAC: "02:00:00:00:00:01", MTU: int(flags), Default: flags&2 != 0, DHCP: flags&4 != 0,
				IPv4: address, Netmask: mask, Gateway: gateway, DNS: []string{gateway},
			},
			{
				MAC: "02:00:00:00:00:02", Device: 1, Default: flags&8 != 0, DHCP: flags&16 != 0,
				IPv6: address, Prefix6: int(flags), Gateway6: gateway,
			},
		}[:flags%3]
		img, err := configdrive.Render(d)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
			return
		}
		if image, err := img.Bytes(); err == nil {
			checkDrive(t, img)
			readBack(t, contents(img), image)
		} else if !fault.Is(err, fault.Invalid) {
			t.Fatal(err)
		}
	})
}

// readBack reads an image with go-diskfs. It takes the first dot from the names
// of files, and so the few that have one, or a namesake with one, are left out.
func readBack(t *testing.T, files map[string]string, image []byte) {
	t.Helper()
	volume, err := iso9660.Read(memory{bytes.NewReader(image)}, int64(len(image)), 0, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for p, want := range files {
		directory, name := path.Split(p)
		if _, namesake := files[directory+"."+name]; namesake || strings.HasPrefix(name, ".") {
			continue
		}
		if got, err := volume.ReadFile(p); err != nil || string(got) != want {
			t.Fatalf("%q has %q, %v, want %q", p, got, err, want)
		}
	}
}

// memory is an image as go-diskfs wants it: a device.
type memory struct{ *bytes.Reader }

func (memory) Stat() (fs.FileInfo, error)              { return nil, errors.ErrUnsupported }
func (memory) Close() error                            { return nil }
func (memory) Sys() (*os.File, error)                  { return nil, errors.ErrUnsupported }
func (memory) Writable() (backend.WritableFile, error) { return nil, errors.ErrUnsupported }
func (memory) Path() string                            { return "" }
