package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// copyOnce makes the template's copy in the pool, which volumes build on,
// unless somebody else has done so meanwhile.
func (s *Storage) copyOnce(ctx context.Context, spec VolumeSpec, store, pool string) error {
	dir, err := s.folder(pool, templateFolder)
	if err != nil {
		return err
	}
	unlock, err := lock(ctx, dir, spec.TemplateID)
	if err != nil {
		return err
	}
	defer unlock()
	path := templatePath(pool, spec.TemplateID)
	if there, err := isFile(path); there || err != nil {
		return err
	}
	return s.copyTemplate(ctx, spec, templatePath(store, spec.TemplateID), path)
}

func (s *Storage) copyTemplate(ctx context.Context, spec VolumeSpec, from, path string) error {
	began := time.Now()
	source, err := openFile(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }() // it was only read
	d, err := newDraft(path)
	if err != nil {
		return err
	}
	defer d.discard()
	sum := sha256.New()
	if _, err := transfer(ctx, d, source, sum); err != nil {
		return fmt.Errorf("copy template %s to %s: %w", spec.TemplateID, path, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); spec.TemplateSHA256 != "" && !strings.EqualFold(got, spec.TemplateSHA256) {
		return fault.New(fault.Unavailable, "the template %s is damaged: its SHA-256 is %s, and was %s", source.Name(), got, spec.TemplateSHA256)
	}
	if err := s.share(d.Name(), fileMode); err != nil {
		return err
	}
	if err := d.commit(); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "template is copied to its pool", "template", spec.TemplateID, "path", path, "took", time.Since(began))
	return nil
}

// transfer writes what it reads to the draft, leaving holes for zeros, and to
// the hashes. It ends when ctx does.
func transfer(ctx context.Context, d *draft, from io.Reader, hashes ...hash.Hash) (written int64, err error) {
	sink := &sparse{file: d.File}
	writers := []io.Writer{sink}
	for _, h := range hashes {
		writers = append(writers, h)
	}
	written, err = io.CopyBuffer(io.MultiWriter(writers...), cancellable{ctx, from}, make([]byte, chunk))
	if err == nil {
		err = sink.end()
	}
	return written, ioFault(err, d.path)
}

// cancellable is a reader that ends with its context. It has no other method,
// so that nothing bypasses it.
type cancellable struct {
	ctx context.Context //nolint:containedctx // the reader lives no longer than the call that made it
	io.Reader
}

func (c cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}

// openFile opens a regular file for reading. Anything else might block, or be
// a way to something else.
func openFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, ioFault(err, path)
	}
	if err := regular(file); err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

func regular(file *os.File) error {
	found, err := file.Stat()
	switch {
	case err != nil:
		return ioFault(err, file.Name())
	case !found.Mode().IsRegular():
		return fault.New(fault.Invalid, "%s is not a file but %s", file.Name(), found.Mode().Type())
	}
	return nil
}

// isFile tells whether something is there, and refuses what is not a file.
func isFile(path string) (bool, error) {
	found, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, ioFault(err, path)
	case !found.Mode().IsRegular():
		return false, fault.New(fault.Unavailable, "%s is in the way: it is not a file but %s", path, found.Mode().Type())
	}
	return true, nil
}
