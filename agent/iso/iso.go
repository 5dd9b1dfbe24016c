// Package iso writes a small file tree as the bytes of a CD image that every
// guest can read: plain ISO 9660 (ECMA-119), Joliet for Windows, and Rock Ridge
// (SUSP 1.12, RRIP 1.12) for the rest.
//
// It is pure: no file, no clock and no tool is used. The same tree gives the
// same bytes, in whatever order its files are listed. Both hierarchies point
// to one copy of the content, and linked files share one extent.
//
// In:  a file tree, from package configdrive.
// Out: the image's bytes, to package storage.
package iso

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// Limits of an image. The depth is ECMA-119 6.8.2.1's, the name and the path
// are Joliet's; within them the plain hierarchy's own limits hold as well.
const (
	MaxSize  = 64 << 20 // bytes of the whole image; CloudStack's cap, and far below 65,536 blocks
	MaxLabel = 16       // characters: what Joliet has room for
	MaxName  = 64       // characters of one name
	MaxPath  = 240      // bytes of a path's names in UCS-2, and one for each directory
	MaxDepth = 8        // names in a file's path; a directory's is one less
)

// Image is a tree to be written. Parents of files need not be listed.
type Image struct {
	Label       string    // letters, digits, '-', '_' and '.'
	Files       []File    // in any order
	Directories []string  // only needed for those that stay empty; in any order, repeats are harmless
	Time        time.Time // the one time stamp of everything, to the second; zero: 1980-01-01 UTC
}

// File is one file of the tree, owned by root in the guest.
type File struct {
	Path    string      // relative, separated by slashes
	Content []byte      // not changed and not kept
	Mode    fs.FileMode // permission bits as the guest sees them; 0: 0444
	LinkTo  string      // path of the file that this is another name of; Content and Mode are then that file's
}

// Bytes builds the image. All its faults are of kind [fault.Invalid] and name
// what is wrong with the tree.
func (img Image) Bytes() ([]byte, error) {
	if err := checkLabel(img.Label); err != nil {
		return nil, err
	}
	stamp, err := newStamp(img.Time)
	if err != nil {
		return nil, err
	}
	t, err := newTree(img.Files, img.Directories)
	if err != nil {
		return nil, err
	}
	l := newLayout(t)
	if size := int64(l.blocks) * blockSize; size > MaxSize {
		return nil, fault.New(fault.Invalid, "the image would have %d bytes, the limit is %d", size, MaxSize)
	}
	return l.write(img.Label, stamp), nil
}

// Digest is the SHA-256 of an image, in lower-case hex.
func Digest(image []byte) string {
	sum := sha256.Sum256(image)
	return hex.EncodeToString(sum[:])
}
