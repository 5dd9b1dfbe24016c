package bench

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/cairn-kvm/cairn/agent/storage"
)

// Writes is how long it takes to put one image on disk for good.
type Writes struct{ Ours, Plain time.Duration } // medians

// MeasureWrites writes the image of the tree in turns through package storage
// and by the bare system calls: temporary file, write, sync, rename, sync of
// the folder. Each write differs, since equal content writes nothing.
func MeasureWrites(dir string) (figures Writes, err error) {
	const turns = 101
	image, err := isoTree().Bytes()
	if err != nil {
		return figures, err
	}
	directory, err := os.MkdirTemp(dir, "bench")
	if err != nil {
		return figures, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	cache, plain := filepath.Join(directory, "cache"), filepath.Join(directory, "plain")
	if err := errors.Join(os.Mkdir(cache, 0o755), os.Mkdir(plain, 0o755)); err != nil {
		return figures, err
	}
	s := storage.New(storage.Config{CacheDir: cache}, slog.New(slog.DiscardHandler))
	turn := 0
	next := func() []byte {
		turn++
		copy(image[len(image)-16:], strconv.Itoa(turn))
		return image
	}
	ours := func() error {
		_, _, err := s.PutImage(context.Background(), storage.Place{Kind: storage.HostCache}, "i-1-1-VM", next())
		return err
	}
	figures.Ours, figures.Plain, err = inTurns(turns, ours, func() error { return writePlain(plain, next()) })
	return figures, err
}

func writePlain(dir string, content []byte) error {
	file, err := os.OpenFile(filepath.Join(dir, "new"), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), filepath.Join(dir, "image.iso")); err != nil {
		return err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
