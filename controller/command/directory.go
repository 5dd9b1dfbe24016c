package command

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// Directory reads a URL that names a directory of the hosts, and gives its
// scheme in lower case and its path. A scheme that is not in the list is
// Unsupported.
func Directory(text string, schemes ...string) (scheme, where string, err error) {
	// The URL of another kind of storage may carry a secret: it is not repeated.
	scheme, _, found := strings.Cut(text, ":")
	switch {
	case !found:
		return "", "", fault.New(fault.Invalid, "The url %s has no scheme; supported: %s", text, strings.Join(schemes, ", "))
	case !slices.ContainsFunc(schemes, func(known string) bool { return strings.EqualFold(known, scheme) }):
		return "", "", fault.New(fault.Unsupported, "A url with scheme %s is not supported in this version; supported: %s", scheme, strings.Join(schemes, ", "))
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", "", fault.New(fault.Invalid, "The url %q cannot be read", text)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Opaque != "":
		return "", "", fault.New(fault.Invalid, "The url with scheme %s has a user, a query or a fragment; it takes a path alone", scheme)
	case u.Host != "" && !strings.EqualFold(u.Host, "localhost"):
		return "", "", fault.New(fault.Invalid, "The url %s names host %s; the directory is that of every host in the scope: say localhost", text, u.Host)
	case !path.IsAbs(u.Path) || u.Path != path.Clean(u.Path) || u.Path == "/" || strings.ContainsFunc(u.Path, unicode.IsControl):
		return "", "", fault.New(fault.Invalid, "The url %s has path %q, which is not absolute and clean and below /", text, u.Path)
	}
	return u.Scheme, u.Path, nil
}
