package storage

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
)

const (
	connectTime = 15 * time.Second
	answerTime  = time.Minute
	stallTime   = time.Minute // without a byte
)

// client fetches bytes as they are: compression on the way would be undone,
// and the checksum is that of the file.
func client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: connectTime}).DialContext,
		TLSHandshakeTimeout:    connectTime,
		ResponseHeaderTimeout:  answerTime,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true,
		DisableKeepAlives:      true, // a template is one request
		ForceAttemptHTTP2:      true,
	}}
}

// open begins to read what a template's URL stands for. At most
// MaxTemplateBytes come of it.
func (s *Storage) open(ctx context.Context, text string) (io.ReadCloser, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the template's URL cannot be read") // its text may hold a password
	}
	var body io.ReadCloser
	switch u.Scheme {
	case "file":
		body, err = s.openLocal(u)
	case "http", "https":
		body, err = openRemote(ctx, u)
	default:
		return nil, fault.New(fault.Invalid, "the template's URL begins with %q, and only file, http and https can be fetched", u.Scheme)
	}
	if err != nil {
		return nil, err
	}
	return &bounded{ReadCloser: body, limit: s.config.MaxTemplateBytes, left: s.config.MaxTemplateBytes}, nil
}

// openLocal reads files below the configured directories only, whatever links
// lie there.
func (s *Storage) openLocal(u *url.URL) (io.ReadCloser, error) {
	path := filepath.Clean(u.Path)
	if (u.Host != "" && u.Host != "localhost") || !filepath.IsAbs(path) {
		return nil, fault.New(fault.Invalid, "a file URL is file:///path, without a host")
	}
	for _, dir := range s.config.FileRoots {
		inside, err := filepath.Rel(dir, path)
		if err != nil || !filepath.IsLocal(inside) {
			continue
		}
		return openBelow(dir, inside)
	}
	return nil, fault.New(fault.Invalid, "templates cannot be fetched from %s: the host's configuration does not name its directory", path)
}

func openBelow(dir, inside string) (io.ReadCloser, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, ioFault(err, dir)
	}
	defer func() { _ = root.Close() }() // it was only read
	path := filepath.Join(dir, inside)
	found, err := root.Stat(inside)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.Invalid, "there is no file %s", path)
	}
	var number syscall.Errno
	switch {
	case err != nil && !errors.As(err, &number): // os.Root's own word
		return nil, fault.Wrap(fault.Invalid, err, "%s leads out of its directory", path)
	case err != nil:
		return nil, ioFault(err, path)
	case !found.Mode().IsRegular():
		return nil, fault.New(fault.Invalid, "%s is not a file", path)
	}
	file, err := root.Open(inside)
	return file, ioFault(err, path)
}

func openRemote(ctx context.Context, u *url.URL) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		cancel(nil)
		return nil, fault.New(fault.Invalid, "the template's URL cannot be read")
	}
	response, err := client().Do(request) //nolint:bodyclose // remote closes it, or its caller does
	if err != nil {
		cancel(nil)
		return nil, fault.Wrap(fault.Unavailable, bare(err), "%s cannot be reached", shown(u))
	}
	r := &remote{body: response.Body, url: shown(u), cancel: cancel}
	r.stall = time.AfterFunc(stallTime, func() { cancel(errStalled) })
	if response.StatusCode != http.StatusOK {
		_ = r.Close()
		return nil, statusFault(response, shown(u))
	}
	return r, nil
}

func statusFault(response *http.Response, url string) error {
	kind := fault.Invalid
	if response.StatusCode >= http.StatusInternalServerError || response.StatusCode == http.StatusTooManyRequests {
		kind = fault.Unavailable
	}
	return fault.New(kind, "%s answers %s", url, response.Status)
}

// shown is a URL without what may be secret in it: password and query.
func shown(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// bare drops the URL, query and all, that net/http puts around its errors.
func bare(err error) error {
	var around *url.Error
	if errors.As(err, &around) {
		return around.Err
	}
	return err
}

var errStalled = errors.New("nothing came for " + stallTime.String())

// remote is the body of an answer. It breaks off when nothing comes.
type remote struct {
	body   io.ReadCloser
	url    string
	stall  *time.Timer
	cancel context.CancelCauseFunc
}

func (r *remote) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if n > 0 {
		r.stall.Reset(stallTime)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, fault.Wrap(fault.Unavailable, err, "the download from %s broke off", r.url)
	}
	return n, err
}

func (r *remote) Close() error {
	r.stall.Stop()
	r.cancel(nil)
	return r.body.Close()
}

// bounded refuses more than limit, 0 for no limit.
type bounded struct {
	io.ReadCloser
	limit, left uint64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.limit == 0 {
		return n, err
	}
	if uint64(n) > b.left {
		return 0, fault.New(fault.Invalid, "the template is larger than %d bytes, which is the limit", b.limit)
	}
	b.left -= uint64(n)
	return n, err
}
