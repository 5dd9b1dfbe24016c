// Package storage keeps files where a host's guests can have them: images of
// config drives, volumes and templates, in the host's own cache and in
// directories that serve as pools and stores.
//
// Whatever appears under its own name is complete and durable: it is written
// under another name beside it, synced, renamed, and the directory synced.
// What a crash leaves behind begins with ".cairn-" and goes with the next
// attempt. A directory that is not there is never made: it may be a mount that
// is missing, and what were written then would vanish under it.
//
//	<place>/configdrive/<instance>.iso   images
//	<place>/template/<template id>       templates; in a pool, copies that volumes build on
//	<place>/<volume id>                  volumes
//
// In:  places, ids and bytes, from package action.
// Out: paths, for package domain; facts of volumes and templates, back to action.
package storage

import (
	"cmp"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
)

const (
	fileMode = 0o640 // QEMU's group reads, nobody else does: images hold passwords
	dirMode  = 0o751 // QEMU gets through to what it was given, whatever its group

	imageFolder    = "configdrive"
	templateFolder = "template"
)

// Config says where and how. The zero value serves an agent that shares its
// group with QEMU.
type Config struct {
	CacheDir string // of the host's own; /var/cache/cairn
	QemuImg  string // qemu-img

	// Group is that of the QEMU process: libvirt-qemu on Debian, qemu on
	// Enterprise Linux; empty: the agent's. The agent must be in it, unless it
	// is root: libvirt gives images and templates to QEMU when a guest starts,
	// and does not take them back.
	Group string

	// FileRoots are the directories below which file:// URLs of templates may
	// read. A template is what its owner's guests see: with none, file:// is
	// refused, or any file of the host that looks like a disk could be had.
	FileRoots []string

	// MaxTemplateBytes bounds the file that a template's URL gives; 0: nothing
	// does but the store.
	MaxTemplateBytes uint64

	// HangTime is how long an operation that was given up may take to end by
	// itself before it counts as hanging; 5 s.
	HangTime time.Duration
}

// Storage is safe for use by many at once.
type Storage struct {
	config Config
	log    *slog.Logger

	mu      sync.Mutex
	hanging map[string]int // operations that were given up and have not ended, by place
}

// New clears the cache of what an earlier process left unfinished.
func New(config Config, log *slog.Logger) *Storage {
	config.CacheDir = cmp.Or(config.CacheDir, "/var/cache/cairn")
	config.QemuImg = cmp.Or(config.QemuImg, "qemu-img")
	config.HangTime = cmp.Or(config.HangTime, 5*time.Second)
	s := &Storage{config: config, log: log, hanging: make(map[string]int)}
	for _, folder := range []string{imageFolder, templateFolder, "."} {
		if err := sweep(filepath.Join(config.CacheDir, folder), ""); err != nil {
			log.Warn("leftovers in the cache cannot be removed", "err", err)
		}
	}
	return s
}
