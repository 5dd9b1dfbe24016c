package bench

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cairn-kvm/cairn/agent/iso"
)

// BenchmarkImage makes the image of the same tree with package iso and with
// genisoimage, staging included.
func BenchmarkImage(b *testing.B) {
	img := isoTree()
	b.Run("cairn", func(b *testing.B) {
		b.ReportAllocs()
		var image []byte
		for b.Loop() {
			var err error
			if image, err = img.Bytes(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(image)), "image-bytes")
	})
	b.Run("genisoimage", func(b *testing.B) {
		file := filepath.Join(b.TempDir(), "image.iso")
		for b.Loop() {
			if err := genisoimage(img, file); err != nil {
				b.Fatal(err)
			}
		}
		info, err := os.Stat(file)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size()), "image-bytes")
	})
}

// BenchmarkDigest is what recording an image's SHA-256 adds to making it.
func BenchmarkDigest(b *testing.B) {
	image, err := isoTree().Bytes()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(image)))
	for b.Loop() {
		iso.Digest(image)
	}
}
