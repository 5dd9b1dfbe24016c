package iso_test

import (
	"bytes"
	"io/fs"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent/iso"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// FuzzImage reads arbitrary bytes as a tree. The writer must either refuse it
// with a fault that says why, or make an image that our reader sees the same
// tree in, three times over, and go-diskfs as well.
func FuzzImage(f *testing.F) {
	for _, seed := range []string{
		"",
		"\x00\x05\x00\x01\x02\x03\x04\x20",
		"\x01\x03\x00\x01\x02\x00\x04\x05\x06\x07\x08\xff\x02\x02\x09\x0a\x00\x03\x01\x00\x40\x41",
		"\x01\x01\x00\x01\x01\x00\x01\x01\x00\x01\x01\x00\x01\x01\x00\x01\x01\x00\x01\x01\x00\x00\x01\x00\x10\x01\x01\x00",
		"\x00\x40aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\x00\x40aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac",
		"\x05\xff\x00\x10\x04\x20\x63\x01\x02\x00\x01\x05\xf0\x20\x22\x58",
		"\x01\x03abcd\x05\x25aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x40\x03\x00z\x00\x02\x05\x20bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\x63",
		"\x00\x21\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9d\x9e\x9f\xa0\x07",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		img := decode(data)
		image, err := img.Bytes()
		if err != nil {
			if !fault.Is(err, fault.Invalid) || image != nil {
				t.Fatalf("%d bytes and fault of kind %s: %v", len(image), fault.Of(err), err)
			}
			return
		}
		if err := verify(img, image); err != nil {
			t.Fatal(err)
		}
		if err := diskfsAgrees(img, image); err != nil {
			t.Fatal(err)
		}
		slices.Reverse(img.Files)
		slices.Reverse(img.Directories)
		if again, err := img.Bytes(); err != nil || !bytes.Equal(again, image) {
			t.Fatalf("in another order: %v, the same: %t", err, bytes.Equal(again, image))
		}
	})
}

// decode makes a tree of bytes: a list of steps, each with an operation, a
// name, and what the operation needs. Bytes that run out are 0. The current
// directory is where steps work.
func decode(data []byte) iso.Image {
	d := decoder(data)
	img := iso.Image{Label: "config-2"}
	here := ""
	for len(d) > 0 && len(img.Files)+len(img.Directories) < 200 {
		switch operation := d.byte(); operation % 8 {
		case 0, 4: // a file
			img.Files = append(img.Files, iso.File{
				Path: join(here, d.name()), Mode: fs.FileMode(operation/8) * 0o11, Content: d.content(),
			})
		case 1: // a directory, and enter it
			here = join(here, d.name())
			img.Directories = append(img.Directories, here)
		case 2: // leave it
			here, _ = cut(here)
		case 3: // a link
			if n := len(img.Files); n > 0 {
				img.Files = append(img.Files, iso.File{Path: join(here, d.name()), LinkTo: img.Files[int(d.byte())%n].Path})
			}
		case 5: // many files with names alike
			name := d.name()
			for i := range int(d.byte()) % 100 {
				img.Files = append(img.Files, iso.File{Path: join(here, strconv.Itoa(i)+name), Content: d.bytes(1)})
			}
		case 6: // raw bytes as a file's whole path
			img.Files = append(img.Files, iso.File{Path: string(d.bytes(int(d.byte())))})
		case 7: // the time, or the label
			if operation&8 == 0 {
				img.Time = time.Unix(int64(d.byte())<<26-int64(d.byte())<<20, 0)
			} else {
				img.Label = string(d.bytes(int(d.byte()) % 20))
			}
		}
	}
	return img
}

type decoder []byte

func (d *decoder) byte() byte {
	if len(*d) == 0 {
		return 0
	}
	b := (*d)[0]
	*d = (*d)[1:]
	return b
}

func (d *decoder) bytes(n int) []byte {
	n = min(n, len(*d))
	b := (*d)[:n]
	*d = (*d)[n:]
	return b
}

// name takes its characters from the alphabet, so that most names are good.
// A length above 127 stands for as many runs of one character.
func (d *decoder) name() string {
	var name []rune
	if length := int(d.byte()); length < 128 {
		for _, b := range d.bytes(length%66 + 1) {
			name = append(name, letter(b))
		}
	} else {
		for range length%3 + 1 {
			name = append(name, slices.Repeat([]rune{letter(d.byte())}, int(d.byte())%40)...)
		}
	}
	return string(name)
}

func letter(b byte) rune { return alphabet[int(b)%len(alphabet)] }

// content is a few bytes, many times over.
func (d *decoder) content() []byte {
	size := int(d.byte())
	return bytes.Repeat(d.bytes(size%8), 1<<(size/32))
}
