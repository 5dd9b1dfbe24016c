package configdrive

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/cairn-kvm/cairn/agent/iso"
)

// latest is the one version of OpenStack's tree that a drive has. A dated one
// beside it would win over it in cloud-init.
const latest = "openstack/latest/"

// The modes of files as the guest sees them.
const (
	open   fs.FileMode = 0o444
	closed fs.FileMode = 0o400 // holds the password
)

// tree is the image while it grows.
type tree struct{ image iso.Image }

func newTree(label string) *tree {
	if label == "" {
		label = DefaultLabel
	}
	return &tree{iso.Image{Label: label}}
}

// addItems makes CloudStack's own tree, and the second names of its files.
func (t *tree) addItems(items []Item) {
	for _, i := range items {
		if i.ignored() {
			continue
		}
		directory := "cloudstack/" + i.Directory
		t.image.Directories = append(t.image.Directories, directory)
		if i.blank() {
			continue
		}
		file := directory + "/" + i.Name + ".txt"
		t.add(file, i.Content, mode(i.secret()))
		switch i.key() {
		case userData:
			t.link(latest+"user_data", file)
		case publicKeys: // the name that CloudStack's older guest scripts look for
			t.link(directory+"/public_keys.txt", file)
		}
	}
}

func (t *tree) add(path string, content []byte, mode fs.FileMode) {
	t.image.Files = append(t.image.Files, iso.File{Path: path, Content: content, Mode: mode})
}

func (t *tree) link(path, to string) {
	t.image.Files = append(t.image.Files, iso.File{Path: path, LinkTo: to})
}

// addJSON adds a document of OpenStack's tree, compact and without HTML's
// escapes: guests' scripts search these files for plain text.
func (t *tree) addJSON(name string, document any, mode fs.FileMode) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	t.add(latest+name, bytes.TrimSuffix(b.Bytes(), []byte("\n")), mode)
	return nil
}

func mode(secret bool) fs.FileMode {
	if secret {
		return closed
	}
	return open
}
