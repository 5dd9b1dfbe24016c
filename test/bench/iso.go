package bench

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/cairn-kvm/cairn/agent/iso"
)

// isoTree is the tree that all figures about images are of: the 13 files of a
// VM with a password, a key, one NIC and 14 KB of user data.
func isoTree() iso.Image {
	userData := bytes.Repeat([]byte("#cloud-config: one line of user data, 48 bytes\n"), 14000/47+1)[:14000]
	metadata := func(name, content string) iso.File {
		return iso.File{Path: "cloudstack/metadata/" + name + ".txt", Content: []byte(content)}
	}
	return iso.Image{Label: "config-2", Files: []iso.File{
		{Path: "cloudstack/userdata/user_data.txt", Content: userData},
		metadata("service-offering", "Small Instance"),
		metadata("availability-zone", "zone1"),
		metadata("local-hostname", "web1"),
		metadata("local-ipv4", "10.1.1.5"),
		metadata("instance-id", "2f0cb3a5-5f0a-4b0e-9a53-0d3dcfa2a111"),
		metadata("vm-id", "2f0cb3a5-5f0a-4b0e-9a53-0d3dcfa2a111"),
		metadata("public-keys", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHQ5dGVzdGtleXRlc3RrZXl0ZXN0a2V5dGVzdGtl me@example"),
		{Path: "cloudstack/password/vm_password.txt", Content: []byte("s3cret"), Mode: 0o400},
		{Path: "openstack/latest/meta_data.json", Content: []byte(`{"availability_zone":"zone1","hostname":"web1","uuid":"2f0cb3a5-5f0a-4b0e-9a53-0d3dcfa2a111"}`)},
		{Path: "openstack/latest/vendor_data.json", Content: []byte("{}")},
		{Path: "openstack/latest/network_data.json", Content: []byte(`{"links":[],"networks":[],"services":[]}`)},
		{Path: "openstack/latest/user_data", LinkTo: "cloudstack/userdata/user_data.txt"},
	}}
}

// genisoimage makes an image of a tree as CloudStack does: the files staged in
// a directory, the hard link, the tool with its flags, the directory removed.
// The image stays, as file.
func genisoimage(img iso.Image, file string) (err error) {
	staging, err := os.MkdirTemp("", "configdrive")
	if err != nil {
		return err
	}
	defer func() {
		if removed := os.RemoveAll(staging); err == nil {
			err = removed
		}
	}()
	for _, f := range img.Files {
		if err := stage(staging, f); err != nil {
			return err
		}
	}
	return exec.Command("genisoimage", "-o", file, "-ldots", "-allow-lowercase", "-allow-multidot", "-cache-inodes",
		"-l", "-quiet", "-J", "-r", "-V", img.Label, staging).Run()
}

func stage(directory string, f iso.File) error {
	p := filepath.Join(directory, f.Path)
	if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
		return err
	}
	if f.LinkTo != "" {
		return os.Link(filepath.Join(directory, f.LinkTo), p)
	}
	return os.WriteFile(p, f.Content, 0o600)
}

// Images is how long the same tree takes, in turns, and how large it is.
type Images struct {
	Ours, Genisoimage         time.Duration // medians
	OurBytes, GenisoimageSize int64
}

// MeasureImages builds the tree in turns with package iso and with
// genisoimage, its staging included.
func MeasureImages() (figures Images, err error) {
	const turns = 101
	directory, err := os.MkdirTemp("", "bench")
	if err != nil {
		return figures, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	img, file := isoTree(), filepath.Join(directory, "image.iso")
	ours := func() error {
		image, err := img.Bytes()
		figures.OurBytes = int64(len(image))
		return err
	}
	theirs := func() error { return genisoimage(img, file) }
	if figures.Ours, figures.Genisoimage, err = inTurns(turns, ours, theirs); err != nil {
		return figures, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return figures, err
	}
	figures.GenisoimageSize = info.Size()
	return figures, nil
}
