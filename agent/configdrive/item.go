package configdrive

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// Item is one triple of CloudStack's VM data. Its content may be secret: an
// item prints and logs without it.
type Item struct {
	Directory string // an item without one is ignored
	Name      string
	Content   []byte // blank: the directory is made, the file is not
}

// The items that mean more than a file of their own.
const (
	userData         = "userdata/user_data"
	password         = "password/vm_password"
	publicKeys       = "metadata/public-keys"
	vmID             = "metadata/vm-id"
	instanceID       = "metadata/instance-id"
	localHostname    = "metadata/local-hostname"
	displayName      = "metadata/display-name"
	availabilityZone = "metadata/availability-zone"
)

// savedPassword is CloudStack's word for "no new password".
const savedPassword = "saved_password"

// key is the item's name in the constants above.
func (i Item) key() string { return i.Directory + "/" + i.Name }

func (i Item) String() string               { return i.key() }
func (i Item) LogValue() slog.Value         { return slog.StringValue(i.key()) }
func (i Item) Format(f fmt.State, _ rune)   { _, _ = f.Write([]byte(i.key())) }
func (i Item) MarshalText() ([]byte, error) { return []byte(i.key()), nil }

// ignored reports whether an item says nothing at all.
func (i Item) ignored() bool { return strings.TrimSpace(i.Directory) == "" }

// blank reports whether an item makes no file.
func (i Item) blank() bool {
	return len(bytes.TrimSpace(i.Content)) == 0 || i.key() == password && string(i.Content) == savedPassword
}

// secret reports whether only root may read an item's file.
func (i Item) secret() bool { return i.Directory == "password" }

// values are the contents of the items that make a file, by key.
type values map[string]string

// read checks the items and gives their values.
func read(items []Item) (values, error) {
	v := make(values, len(items))
	seen := make(map[string]bool, len(items))
	for _, i := range items {
		if i.ignored() {
			continue
		}
		if err := i.check(); err != nil {
			return nil, err
		}
		if seen[i.key()] {
			return nil, fault.New(fault.Invalid, "item %q is given twice", i.key())
		}
		seen[i.key()] = true
		if !i.blank() {
			v[i.key()] = string(i.Content)
		}
	}
	return v, nil
}

func (i Item) check() error {
	for _, name := range []string{i.Directory, i.Name} {
		if name == "" || name == "." || name == ".." || !utf8.ValidString(name) || strings.ContainsFunc(name, unfit) {
			return fault.New(fault.Invalid, "item %q: %q is no name of a file", i.key(), name)
		}
	}
	switch i.key() {
	case userData:
		return nil
	case password:
		if bytes.ContainsFunc(i.Content, unicode.IsControl) {
			return fault.New(fault.Invalid, "item %q contains a control character", i.key())
		}
	}
	if !utf8.Valid(i.Content) {
		return fault.New(fault.Invalid, "item %q is not text in UTF-8", i.key())
	}
	return nil
}

func unfit(r rune) bool { return r == '/' || unicode.IsControl(r) }

// password is that of this start, empty if none is due.
func (v values) password() string { return v[password] }
