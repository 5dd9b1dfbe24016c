package storage

import (
	"context"
	"crypto/md5" // as SHA-1, what many publish beside their images: it finds accidents
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"strings"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// algorithms are those that CloudStack knows, the strongest of a length first.
var algorithms = []struct {
	name string
	make func() hash.Hash
}{
	{"SHA-512", sha512.New},
	{"SHA-384", sha512.New384},
	{"SHA-256", sha256.New},
	{"SHA-224", sha256.New224},
	{"SHA-1", sha1.New},
	{"MD5", md5.New},
}

// A checksum is one that the user gave; the zero value checks nothing.
type checksum struct {
	name string
	make func() hash.Hash
	hex  string
}

// parseChecksum reads "{SHA-256}hex", or hex alone, whose length tells which
// it is.
func parseChecksum(text string) (checksum, error) {
	if text == "" {
		return checksum{}, nil
	}
	name, digits := "", text
	if rest, marked := strings.CutPrefix(text, "{"); marked {
		name, digits, _ = strings.Cut(rest, "}")
	}
	sum, err := hex.DecodeString(digits)
	if err != nil {
		return checksum{}, fault.New(fault.Invalid, "the checksum %q is not of the form {SHA-256}hex", text)
	}
	plain := strings.NewReplacer("-", "", "_", "")
	for _, a := range algorithms {
		if name != "" && !strings.EqualFold(plain.Replace(name), plain.Replace(a.name)) {
			continue
		}
		if a.make().Size() == len(sum) {
			return checksum{a.name, a.make, strings.ToLower(digits)}, nil
		}
	}
	return checksum{}, fault.New(fault.Invalid, "the checksum %q is of no known kind and length", text)
}

// digest reads a file once, for our own checksum and for the user's.
func digest(ctx context.Context, path string, want checksum) (sum string, length int64, err error) {
	file, err := openFile(path)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = file.Close() }() // it was only read
	ours := sha256.New()
	hashes := []io.Writer{ours}
	theirs := ours
	if want.make != nil {
		theirs = want.make()
		hashes = append(hashes, theirs)
	}
	length, err = io.CopyBuffer(io.MultiWriter(hashes...), cancellable{ctx, file}, make([]byte, chunk))
	if err != nil {
		return "", 0, ioFault(err, path)
	}
	if got := hex.EncodeToString(theirs.Sum(nil)); want.make != nil && got != want.hex {
		return "", 0, fault.New(fault.Invalid, "the template's %s is %s, not %s", want.name, got, want.hex)
	}
	return hex.EncodeToString(ours.Sum(nil)), length, nil
}
