package configdrive_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/cairn-kvm/cairn/agent/configdrive"
	"github.com/cairn-kvm/cairn/agent/iso"
)

var update = flag.Bool("update", false, "write the trees of testdata anew")

// Each file of testdata is one drive: its data as data.json, and the tree that
// is made of it, with modes and links.
func TestGolden(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			golden(t, name)
		})
	}
}

func golden(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	img, err := configdrive.Render(parse(t, archive.Files[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	checkDrive(t, img)
	got := &txtar.Archive{Comment: archive.Comment, Files: append(archive.Files[:1:1], listing(img)...)}
	if *update {
		if err := os.WriteFile(name, txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := txtar.Format(archive); !bytes.Equal(txtar.Format(got), want) {
		t.Errorf("got\n%s\nwant\n%s", txtar.Format(got), want)
	}
}

// parse reads data as testdata has it: contents are strings.
func parse(t *testing.T, text []byte) configdrive.Data {
	var file struct {
		Label   string
		Windows bool
		Items   [][3]string
		NICs    []configdrive.NIC
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	data := configdrive.Data{Label: file.Label, Windows: file.Windows, NICs: file.NICs}
	for _, i := range file.Items {
		data.Items = append(data.Items, item(i[0], i[1], i[2]))
	}
	return data
}

func item(directory, name, content string) configdrive.Item {
	return configdrive.Item{Directory: directory, Name: name, Content: []byte(content)}
}

// listing makes a tree readable, in the order of its paths.
func listing(img iso.Image) []txtar.File {
	lines := make(map[string]string)
	for _, d := range img.Directories {
		lines[d+"/"] = ""
	}
	for _, f := range img.Files {
		delete(lines, filepath.Dir(f.Path)+"/")
		if f.LinkTo != "" {
			lines[f.Path+" => "+f.LinkTo] = ""
		} else {
			lines[fmt.Sprintf("%s %#o", f.Path, uint32(f.Mode))] = string(f.Content)
		}
	}
	files := []txtar.File{{Name: "label " + img.Label}}
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		files = append(files, txtar.File{Name: name, Data: []byte(lines[name])})
	}
	return files
}

// contents are those of an image's files by path.
func contents(img iso.Image) map[string]string {
	byPath := make(map[string]string, len(img.Files))
	for _, f := range img.Files {
		byPath[f.Path] = string(f.Content)
	}
	for _, f := range img.Files {
		if f.LinkTo != "" {
			byPath[f.Path] = byPath[f.LinkTo]
		}
	}
	return byPath
}

// checkDrive checks what holds for every drive, and returns its image.
func checkDrive(t testing.TB, img iso.Image) []byte {
	t.Helper()
	files := contents(img)
	if err := cloudInit(files); err != nil {
		t.Fatalf("cloud-init: %v\n%s", err, listing(img))
	}
	password := files["cloudstack/password/vm_password.txt"]
	if set, err := passwordSet(files["openstack/latest/vendor_data.json"]); err != nil || set != password {
		t.Fatalf("vendor data sets password %q, want %q: %v", set, password, err)
	}
	for _, f := range img.Files {
		holds := strings.HasPrefix(f.Path, "cloudstack/password/") || password != "" && strings.HasSuffix(f.Path, "/vendor_data.json") ||
			strings.Contains(string(f.Content), `"admin_pass"`)
		if f.LinkTo == "" && f.Mode != map[bool]os.FileMode{true: 0o400, false: 0o444}[holds] {
			t.Errorf("%s has mode %o", f.Path, f.Mode)
		}
	}
	image, err := img.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if len(image) >= 65536*2048 {
		t.Errorf("cloudbase-init cannot count the blocks of %d bytes", len(image))
	}
	return image
}
