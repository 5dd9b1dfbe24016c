package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// PutImage puts the image of an instance's config drive into its place and
// says where. An image with that very content is left as it is, untouched even
// by a new time of change.
func (s *Storage) PutImage(ctx context.Context, place Place, name string, content []byte) (path string, written bool, err error) {
	root, err := s.imageRoot(place, name)
	if err != nil {
		return "", false, err
	}
	path = imagePath(root, name)
	written, err = guarded(ctx, s, root, func(context.Context) (bool, error) { return s.putImage(root, path, content) })
	if err != nil {
		return "", false, fmt.Errorf("put image of %s: %w", name, err)
	}
	return path, written, nil
}

func (s *Storage) putImage(root, path string, content []byte) (written bool, err error) {
	dir, err := s.folder(root, imageFolder)
	if err != nil {
		return false, err
	}
	if holds(path, content) {
		return false, syncDir(dir) // who put it may have died before it did this
	}
	share := func(temporary string) error { return s.share(temporary, fileMode) }
	return true, writeFile(path, content, share)
}

// DeleteImage removes it; one that is not there is done. That the place itself
// is not there is an error: the image may be.
func (s *Storage) DeleteImage(ctx context.Context, place Place, name string) error {
	root, err := s.imageRoot(place, name)
	if err != nil {
		return err
	}
	_, err = guarded(ctx, s, root, func(context.Context) (struct{}, error) {
		return struct{}{}, remove(root, imagePath(root, name))
	})
	if err != nil {
		return fmt.Errorf("delete image of %s: %w", name, err)
	}
	return nil
}

func (s *Storage) imageRoot(place Place, name string) (string, error) {
	if err := checkName("an instance", name); err != nil {
		return "", err
	}
	return s.root(place)
}

func imagePath(root, name string) string { return filepath.Join(root, imageFolder, name+".iso") }

// holds compares a file with a content, cheapest first. A file that more may
// read than ours, or that cannot be read, does not count: it is written anew.
func holds(path string, content []byte) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(content)) || info.Mode().Perm()&^fileMode != 0 {
		return false
	}
	there, err := os.ReadFile(path)
	return err == nil && bytes.Equal(there, content)
}

// remove deletes a file of a place, and its drafts, for good.
func remove(root, path string) error {
	if err := present(root); err != nil {
		return err
	}
	dir, name := filepath.Split(path)
	if err := sweep(dir, name); err != nil {
		return err
	}
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return ioFault(err, path)
	}
	return syncDir(dir)
}
