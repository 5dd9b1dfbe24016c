package iso_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent/iso"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestInvalid(t *testing.T) {
	t.Parallel()
	file := func(path string) iso.Image { return iso.Image{Label: "x", Files: []iso.File{{Path: path}}} }
	files := func(files ...iso.File) iso.Image { return iso.Image{Label: "x", Files: files} }
	for name, c := range map[string]struct {
		img  iso.Image
		says string
	}{
		"no label":         {iso.Image{}, "the volume label is empty"},
		"long label":       {iso.Image{Label: "config-2-config-2"}, `volume label "config-2-config-2" has 17 characters, the limit is 16`},
		"space in label":   {iso.Image{Label: "config 2"}, `contains ' '`},
		"umlaut in label":  {iso.Image{Label: "cönfig"}, `contains 'ö'`},
		"slash in label":   {iso.Image{Label: "a/b"}, `contains '/'`},
		"newline in label": {iso.Image{Label: "a\n"}, `contains '\n'`},
		"too early":        {iso.Image{Label: "x", Time: time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)}, "1899-12-31T00:00:00Z"},
		"too late":         {iso.Image{Label: "x", Time: time.Date(2156, 1, 1, 0, 0, 0, 0, time.UTC)}, "years 1900 and 2155"},

		"no path":            {file(""), `path "" is not a clean relative path`},
		"root":               {file("."), `path "."`},
		"absolute":           {file("/a"), `path "/a"`},
		"upwards":            {file("a/../b"), `path "a/../b"`},
		"two slashes":        {file("a//b"), `path "a//b"`},
		"slash at the end":   {file("a/"), `path "a/"`},
		"not UTF-8":          {file("a\xff"), `path "a\xff"`},
		"nine levels":        {file("1/2/3/4/5/6/7/8/9"), "7 directories above a file"},
		"eight directories":  {iso.Image{Label: "x", Directories: []string{"1/2/3/4/5/6/7/8"}}, "7 directories above a file"},
		"long path":          {file(strings.Repeat("a", 60) + "/" + strings.Repeat("b", 61)), "takes 243 bytes in Joliet, the limit is 240"},
		"unclean directory":  {iso.Image{Label: "x", Directories: []string{"./a"}}, `path "./a"`},
		"long name":          {file(strings.Repeat("é", 65)), "has 65 characters, the limit is 64"},
		"long directory":     {file(strings.Repeat("d", 65) + "/a"), "has 65 characters, the limit is 64"},
		"dot at the end":     {file("a."), `name "a." ends in a dot or a space`},
		"space at the end":   {file("a /b"), `name "a " ends in a dot or a space`},
		"colon":              {file("a:b"), `name "a:b" contains ':'`},
		"semicolon":          {file("a;1"), `contains ';'`},
		"backslash":          {file(`a\b`), `contains '\\'`},
		"asterisk":           {file("a*"), `contains '*'`},
		"question mark":      {file("a?/b"), `contains '?'`},
		"newline":            {file("a\nb"), `contains '\n'`},
		"null":               {file("a\x00b"), `contains '\x00'`},
		"outside UCS-2":      {file("a😀"), `contains '😀', which Joliet cannot hold`},
		"no character":       {file("a\uffff"), `contains '\uffff'`},
		"twice":              {files(iso.File{Path: "a/b"}, iso.File{Path: "a/b"}), `path "a/b" is given twice`},
		"case":               {files(iso.File{Path: "a/b"}, iso.File{Path: "a/B"}), "differ in case only"},
		"case of another":    {files(iso.File{Path: "ÄÖ"}, iso.File{Path: "äö"}), "differ in case only"},
		"case of a folder":   {files(iso.File{Path: "a/b"}, iso.File{Path: "A/c"}), `paths "A" and "a" differ in case only`},
		"file as folder":     {files(iso.File{Path: "a"}, iso.File{Path: "a/b"}), `path "a" is both a file and a directory`},
		"folder as file":     {files(iso.File{Path: "a/b"}, iso.File{Path: "a"}), `path "a" is both a file and a directory`},
		"directory and file": {iso.Image{Label: "x", Directories: []string{"a"}, Files: []iso.File{{Path: "a"}}}, "both a file and a directory"},

		"type in mode":     {files(iso.File{Path: "a", Mode: 0o1777}), `mode of file "a" is 01777`},
		"link nowhere":     {files(iso.File{Path: "a", LinkTo: "b"}), `links to "b", which is not a file`},
		"link to itself":   {files(iso.File{Path: "a", LinkTo: "a"}), `links to "a"`},
		"link in a ring":   {files(iso.File{Path: "a", LinkTo: "b"}, iso.File{Path: "b", LinkTo: "a"}), `links to "b"`},
		"link to a link":   {files(iso.File{Path: "a", LinkTo: "b"}, iso.File{Path: "b", LinkTo: "c"}, iso.File{Path: "c"}), `file "a" links to "b"`},
		"link to a folder": {files(iso.File{Path: "a", LinkTo: "b"}, iso.File{Path: "b/c"}), `links to "b"`},
		"link by case":     {files(iso.File{Path: "a", LinkTo: "B"}, iso.File{Path: "b"}), `links to "B"`},
		"link and content": {files(iso.File{Path: "a", LinkTo: "b", Content: []byte("x")}, iso.File{Path: "b"}), "has content or a mode of its own"},
		"link and mode":    {files(iso.File{Path: "a", LinkTo: "b", Mode: 0o400}, iso.File{Path: "b"}), "has content or a mode of its own"},
		"huge file":        {files(iso.File{Path: "a", Content: make([]byte, iso.MaxSize+1)}), `file "a" has 67108865 bytes`},
		"huge together":    {files(iso.File{Path: "a", Content: make([]byte, 40<<20)}, iso.File{Path: "b", Content: make([]byte, 30<<20)}), "the limit is 67108864"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			image, err := c.img.Bytes()
			if !fault.Is(err, fault.Invalid) || image != nil {
				t.Fatalf("%d bytes and error %v", len(image), err)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("says %q, want %q", err, c.says)
			}
		})
	}
}
