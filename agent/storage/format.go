package storage

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/cairn-kvm/cairn/internal/fault"
)

const (
	qcow2 = "qcow2"
	raw   = "raw"

	sector  = 512
	headLen = 68 << 10 // as far as the last mark of a file system lies
)

// A mark is what a format has at a fixed place.
type mark struct {
	offset int
	bytes  string
	name   string
}

// foreign are the formats that people take for disks. A raw image may begin
// with anything, so that all of these are ruled out first.
var foreign = []mark{
	{0, "QFI\xfb", "QCOW2"},
	{0, "KDMV", "VMDK"},
	{0, "COWD", "VMDK"},
	{0, "# Disk DescriptorFile", "VMDK"},
	{0, "vhdxfile", "VHDX"},
	{0, "conectix", "VHD"},
	{64, "\x7f\x10\xda\xbe", "VDI"},
	{0, "QED\x00", "QED"},
	{0, "LUKS\xba\xbe", "LUKS"},
	{0, "\x1f\x8b", "gzip"},
	{0, "BZh", "bzip2"},
	{0, "\xfd7zXZ\x00", "xz"},
	{0, "\x28\xb5\x2f\xfd", "zstd"},
	{0, "PK\x03\x04", "zip"},
	{0, "7z\xbc\xaf\x27\x1c", "7-Zip"},
	{257, "ustar", "tar"},
	{0, "\x7fELF", "ELF"},
	{0, "%PDF", "PDF"},
}

// bootable are the marks of what a disk holds: partitions or a file system.
var bootable = []mark{
	{510, "\x55\xaa", "MBR"},
	{sector, "EFI PART", "GPT"},
	{1080, "\x53\xef", "ext"},
	{0, "XFSB", "XFS"},
	{65600, "_BHRfS_M", "Btrfs"},
	{sector, "LABELONE", "LVM"},
	{32769, "CD001", "ISO 9660"},
}

// detect refuses a file that is not of the declared format, or that would have
// QEMU open other files.
func detect(path, format string) error {
	file, err := openFile(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	head, length, err := beginning(file)
	if err != nil {
		return ioFault(err, path)
	}
	seen := look(head)
	switch {
	case length == 0:
		return fault.New(fault.Invalid, "the template is an empty file")
	case format == qcow2 && seen == "QCOW2":
		return checkQcow2(head)
	case format == raw && seen == raw:
		return checkRaw(head, length)
	}
	return fault.New(fault.Invalid, "the template is declared %s, and is %s", strings.ToUpper(format), seen)
}

func beginning(file *os.File) (head []byte, length int64, err error) {
	found, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	head = make([]byte, min(headLen, found.Size()))
	_, err = io.ReadFull(file, head)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return head, found.Size(), err
}

// look names what a file begins as, raw for what has no name.
func look(head []byte) string {
	for _, m := range foreign {
		if m.in(head) {
			return m.name
		}
	}
	if isText(head) {
		if bytes.Contains(bytes.ToLower(head[:min(len(head), 1024)]), []byte("<html")) {
			return "HTML"
		}
		return "text"
	}
	return raw
}

func (m mark) in(head []byte) bool {
	return len(head) >= m.offset+len(m.bytes) && string(head[m.offset:m.offset+len(m.bytes)]) == m.bytes
}

// isText: an error page or a checksum list, never a disk.
func isText(head []byte) bool {
	start := head[:min(len(head), sector)]
	if len(start) == 0 || bytes.ContainsFunc(start, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f", r) }) {
		return false
	}
	// The cut may have gone through a character.
	return utf8.Valid(bytes.TrimRightFunc(start, func(r rune) bool { return r == utf8.RuneError }))
}

func checkRaw(head []byte, length int64) error {
	if length%sector != 0 {
		return fault.New(fault.Invalid, "the template is declared RAW, and its %d bytes are not whole sectors of %d", length, sector)
	}
	for _, m := range bootable {
		if m.in(head) {
			return nil
		}
	}
	return fault.New(fault.Invalid, "the template is declared RAW, and has neither partitions nor a known file system")
}
