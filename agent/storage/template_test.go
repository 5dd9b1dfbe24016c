package storage_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// serve gives the URL of a web server that has the content.
func serve(t testing.TB, content []byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) }))
	t.Cleanup(server.Close)
	return server.URL + "/image"
}

func TestFetchTemplate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	image := qcow2Image(t, filepath.Join(dir, "a b.qcow2"))
	old := qcow2Image(t, filepath.Join(dir, "old.qcow2"), "-o", "compat=0.10")
	squeezed := qcow2Image(t, filepath.Join(dir, "squeezed.qcow2"), "-c")
	raw := write(t, filepath.Join(dir, "raw"), disk(3))
	for name, tt := range map[string]struct {
		url, file, format, checksum string
		size                        uint64
	}{
		"a file":           {"file://" + dir + "/a%20b.qcow2", image, "QCOW2", "", 1 << 20},
		"over HTTP":        {serve(t, read(t, image)), image, "qcow2", "{SHA-256}" + sha256Hex(read(t, image)), 1 << 20},
		"an old version":   {"file://" + old, old, "QCOW2", "", 1 << 20},
		"a compressed one": {"file://localhost" + squeezed, squeezed, "QCOW2", "", 1 << 20},
		"a raw disk":       {"file://" + raw, raw, "RAW", sha256Hex(read(t, raw)), 3 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, store := open(t, func(c *storage.Config) { c.FileRoots, c.Group = []string{"/nowhere", dir}, "kvm" }), directory(t)
			spec := storage.TemplateSpec{ID: "tmpl", URL: tt.url, Format: tt.format, Checksum: tt.checksum, Store: store}
			content := read(t, tt.file)
			want := storage.Template{
				Path: filepath.Join(store.Path, "template", "tmpl"), SHA256: sha256Hex(content),
				SizeBytes: tt.size, PhysicalBytes: uint64(len(content)),
			}
			for range 2 { // the second finds it there
				if got, err := s.FetchTemplate(t.Context(), spec); got != want || err != nil {
					t.Fatalf("got %+v, %v; want %+v", got, err, want)
				}
			}
			hasMode(t, want.Path, 0o640)
			if string(read(t, want.Path)) != string(content) || files(t, store.Path) != "template/tmpl" {
				t.Errorf("the store holds %s", files(t, store.Path))
			}
			for range 2 {
				if err := s.DeleteTemplate(t.Context(), "tmpl", store); err != nil {
					t.Error(err)
				}
			}
			if left := files(t, store.Path); left != "" {
				t.Errorf("left are %s", left)
			}
		})
	}
}

// A raw template is mostly nothing, and takes no more room than it must.
func TestFetchTemplateLeavesHoles(t *testing.T) {
	t.Parallel()
	s, store := open(t), directory(t)
	template, err := s.FetchTemplate(t.Context(), storage.TemplateSpec{ID: "tmpl", URL: serve(t, disk(16)), Format: "RAW", Store: store})
	if err != nil || template.PhysicalBytes != 16<<20 {
		t.Fatalf("got %+v, %v", template, err)
	}
	info, err := os.Stat(template.Path)
	if err != nil {
		t.Fatal(err)
	}
	if used := info.Sys().(*syscall.Stat_t).Blocks * 512; used > 1<<20 {
		t.Errorf("16 MiB of zeros take %d bytes", used)
	}
}

// What is not what it claims to be is refused, by name where it has one, and
// nothing of it stays.
func TestFetchTemplateRefuses(t *testing.T) {
	t.Parallel()
	good := read(t, qcow2Image(t, filepath.Join(t.TempDir(), "good")))
	whole, full := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "raw")
	if err := os.WriteFile(full, bytes.Repeat([]byte("data"), 1<<18), 0o600); err != nil {
		t.Fatal(err)
	}
	qemuImg(t, "convert", "-f", "raw", "-O", "qcow2", full, whole)
	cut := read(t, whole)
	backed := filepath.Join(t.TempDir(), "backed")
	qemuImg(t, "create", "-q", "-f", "qcow2", "-F", "raw", "-b", "/etc/hostname", "-u", backed, "1M")
	split := filepath.Join(t.TempDir(), "split")
	qemuImg(t, "create", "-q", "-f", "qcow2", "-o", "data_file="+split+".data,data_file_raw=on", split, "1M")
	extensions := int(binary.BigEndian.Uint32(good[100:])) // where they begin
	named := unflagged(read(t, split))                     // the name of a data file, without the flag that it is used
	with := func(from []byte, at int, bytes ...byte) []byte {
		changed := append([]byte(nil), from...)
		copy(changed[at:], bytes)
		return changed
	}
	for name, tt := range map[string]struct {
		content []byte
		format  string
		says    string
	}{
		"a backing file":           {read(t, backed), "QCOW2", "names a backing file"},
		"a data file":              {read(t, split), "QCOW2", "keeps its data in another file"},
		"a data file's name":       {named, "QCOW2", "keeps its data in another file"},
		"an encrypted image":       {with(good, 32, 0, 0, 0, 2), "QCOW2", "is encrypted"},
		"an encryption header":     {with(good, extensions, 0x05, 0x37, 0xbe, 0x77), "QCOW2", "is encrypted"},
		"a version to come":        {with(good, 4, 0, 0, 0, 9), "QCOW2", "version 9"},
		"a cut header":             {good[:60], "QCOW2", "header is cut off"},
		"a cut image":              {cut[:len(cut)-4<<16], "QCOW2", "damaged or cut short"},
		"a header without end":     {with(good, 100, 0xff, 0xff, 0xff, 0xf0), "QCOW2", "header is cut off"},
		"an extension too long":    {with(good, extensions, 1, 2, 3, 4, 0xff, 0xff, 0xff, 0xff), "QCOW2", "header is cut off"},
		"a header of nonsense":     {with(good, 20, 0, 0, 0, 63), "QCOW2", "not a QCOW2 image that QEMU can read"},
		"a raw disk for qcow2":     {disk(1), "QCOW2", "declared QCOW2, and is raw"},
		"qcow2 for a raw disk":     {good, "RAW", "declared RAW, and is QCOW2"},
		"a web page":               {[]byte("<!DOCTYPE html>\n<HTML><p>404 Größe"), "QCOW2", "and is HTML"},
		"a password file":          {[]byte("root:x:0:0:root:/root:/bin/bash\n"), "RAW", "and is text"},
		"a gzip file":              {[]byte("\x1f\x8b\x08\x00\x00"), "QCOW2", "and is gzip"},
		"a zip file":               {[]byte("PK\x03\x04\x00\x00"), "RAW", "and is zip"},
		"an xz file":               {[]byte("\xfd7zXZ\x00\x00"), "RAW", "and is xz"},
		"a VMDK":                   {append([]byte("KDMV"), disk(1)[4:]...), "RAW", "and is VMDK"},
		"nothing":                  {nil, "RAW", "is an empty file"},
		"half a sector":            {disk(1)[:1000], "RAW", "1000 bytes are not whole sectors"},
		"an empty disk":            {make([]byte, 1<<20), "RAW", "neither partitions nor a known file system"},
		"a format of another kind": {good, "VHD", `"vhd" is not one of a KVM host`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, store := open(t), directory(t)
			_, err := s.FetchTemplate(t.Context(), storage.TemplateSpec{ID: "tmpl", URL: serve(t, tt.content), Format: tt.format, Store: store})
			refuses(t, err, fault.Invalid, tt.says)
			if left := files(t, store.Path); left != "" {
				t.Errorf("left are %s", left)
			}
		})
	}
}

// unflagged clears the bit by which a qcow2 image uses its data file.
func unflagged(image []byte) []byte {
	changed := append([]byte(nil), image...)
	changed[79] &^= 4
	return changed
}

func TestFetchTemplateChecksum(t *testing.T) {
	t.Parallel()
	content := disk(1)
	url := serve(t, content)
	for checksum, says := range map[string]string{
		"{SHA-512}" + sum(t, "sha512", content):                  "",
		"{SHA-384}" + sum(t, "sha384", content):                  "",
		"{SHA-256}" + strings.ToUpper(sum(t, "sha256", content)): "",
		"{sha256}" + sum(t, "sha256", content):                   "",
		"{SHA-224}" + sum(t, "sha224", content):                  "",
		"{SHA-1}" + sum(t, "sha1", content):                      "",
		"{MD5}" + sum(t, "md5", content):                         "",
		sum(t, "sha512", content):                                "",
		sum(t, "sha1", content):                                  "",
		sum(t, "md5", content):                                   "",
		"{SHA-256}" + sum(t, "sha256", nil):                      "the template's SHA-256 is " + sum(t, "sha256", content) + ", not " + sum(t, "sha256", nil),
		"{SHA-256}" + sum(t, "sha1", content):                    "no known kind and length",
		"{CRC32}cafe0000":                                        "no known kind and length",
		"{SHA-256}":                                              "no known kind and length",
		"sha256:abc":                                             "is not of the form",
		"abc":                                                    "is not of the form",
	} {
		t.Run(checksum, func(t *testing.T) {
			t.Parallel()
			s, store := open(t), directory(t)
			_, err := s.FetchTemplate(t.Context(), storage.TemplateSpec{ID: "tmpl", URL: url, Format: "RAW", Checksum: checksum, Store: store})
			if says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refuses(t, err, fault.Invalid, says)
			if left := files(t, store.Path); left != "" {
				t.Errorf("left are %s", left)
			}
		})
	}
}

func TestFetchTemplateFromWhereItIsNot(t *testing.T) {
	t.Parallel()
	allowed := t.TempDir()
	outside := write(t, filepath.Join(t.TempDir(), "secret"), disk(1))
	if err := os.Symlink(outside, filepath.Join(allowed, "link")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(allowed, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	answers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/gone":
			http.NotFound(w, r)
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/short":
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "QFI\xfb")
		case "/file":
			http.Redirect(w, r, "file:///etc/hostname", http.StatusFound)
		default:
			_, _ = w.Write(disk(2))
		}
	}))
	t.Cleanup(answers.Close)
	host := strings.TrimPrefix(answers.URL, "http://")
	for name, tt := range map[string]struct {
		url  string
		kind fault.Kind
		says string
	}{
		"no file":             {"file://" + allowed + "/none", fault.Invalid, "there is no file " + allowed + "/none"},
		"a folder":            {"file://" + allowed, fault.Invalid, "is not a file"},
		"a pipe":              {"file://" + allowed + "/fifo", fault.Invalid, "is not a file"},
		"elsewhere":           {"file://" + outside, fault.Invalid, "configuration does not name"},
		"upwards":             {"file://" + allowed + "/../" + filepath.Base(filepath.Dir(outside)) + "/secret", fault.Invalid, "configuration does not name"},
		"elsewhere by a link": {"file://" + allowed + "/link", fault.Invalid, "leads out of its directory"},
		"another host's file": {"file://nas/image", fault.Invalid, "without a host"},
		"404":                 {answers.URL + "/gone?token=hush", fault.Invalid, "http://" + host + "/gone answers 404 Not Found"},
		"503":                 {"http://user:hush@" + host + "/busy", fault.Unavailable, "http://" + host + "/busy answers 503"},
		"half of it":          {answers.URL + "/short?token=hush", fault.Unavailable, "the download from http://" + host + "/short broke off"},
		"too much":            {answers.URL + "/large", fault.Invalid, "larger than 1048576 bytes"},
		"sent to a file":      {answers.URL + "/file?token=hush", fault.Unavailable, "cannot be reached"},
		"nobody there":        {"http://127.0.0.1:1/x?token=hush", fault.Unavailable, "http://127.0.0.1:1/x cannot be reached"},
		"FTP":                 {"ftp://example.org/x", fault.Invalid, `begins with "ftp"`},
		"no URL":              {"http://hush:%zz", fault.Invalid, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, store := open(t, func(c *storage.Config) { c.FileRoots, c.MaxTemplateBytes = []string{allowed}, 1<<20 }), directory(t)
			_, err := s.FetchTemplate(t.Context(), storage.TemplateSpec{ID: "tmpl", URL: tt.url, Format: "RAW", Store: store})
			refuses(t, err, tt.kind, tt.says)
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("the error tells what is secret in the URL: %v", err)
			}
			if left := files(t, store.Path); left != "" {
				t.Errorf("left are %s", left)
			}
		})
	}
}

func TestFetchTemplateWhereItCannotBe(t *testing.T) {
	t.Parallel()
	url := serve(t, append(disk(1), image(512)...))
	tiny, readOnly, away := mount(t, 0, "size=256k"), mount(t, syscall.MS_RDONLY, ""), missing(t)
	for store, kind := range map[storage.Place]fault.Kind{tiny: fault.NoCapacity, readOnly: fault.Unavailable, away: fault.Unavailable} {
		_, err := open(t).FetchTemplate(t.Context(), storage.TemplateSpec{ID: "tmpl", URL: url, Format: "RAW", Store: store})
		refuses(t, err, kind, store.Path)
	}
	if left := files(t, tiny.Path); left != "" {
		t.Errorf("left are %s", left)
	}
	s := open(t)
	refuses(t, s.DeleteTemplate(t.Context(), "tmpl", away), fault.Unavailable, away.Path)
	refuses(t, s.DeleteTemplate(t.Context(), "../tmpl", tiny), fault.Invalid, "../tmpl")
	_, err := s.FetchTemplate(t.Context(), storage.TemplateSpec{ID: "a/b", URL: url, Format: "RAW", Store: tiny})
	refuses(t, err, fault.Invalid, `"a/b"`)
}

// A download that is not wanted any more ends, and leaves nothing.
func TestFetchTemplateGivenUp(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(disk(1))
		w.(http.Flusher).Flush()
		close(begun)
		<-r.Context().Done()
	}))
	t.Cleanup(endless.Close)
	s, store := open(t), directory(t)
	ctx, cancel := cancelable(t)
	go func() {
		<-begun
		cancel()
	}()
	_, err := s.FetchTemplate(ctx, storage.TemplateSpec{ID: "tmpl", URL: endless.URL, Format: "RAW", Store: store})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
	if left := files(t, store.Path); left != "" {
		t.Errorf("left are %s", left)
	}
}

// A template that is there, and is not what is asked for now, stays.
func TestFetchTemplateOverAnother(t *testing.T) {
	t.Parallel()
	s, store := open(t), directory(t)
	spec := storage.TemplateSpec{ID: "tmpl", URL: serve(t, disk(1)), Format: "RAW", Store: store}
	if _, err := s.FetchTemplate(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	spec.Checksum = sum(t, "sha256", nil)
	_, err := s.FetchTemplate(t.Context(), spec)
	refuses(t, err, fault.Invalid, "SHA-256 is")
	if left := files(t, store.Path); left != "template/tmpl" {
		t.Errorf("left are %s", left)
	}
}
