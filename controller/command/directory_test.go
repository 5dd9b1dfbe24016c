package command_test

import (
	"testing"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestDirectory(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		url, scheme, path string
		kind              fault.Kind
		text              string
	}{
		{url: "file:///srv/pool", scheme: "file", path: "/srv/pool"},
		{url: "FILE://LOCALHOST/srv", scheme: "file", path: "/srv"},
		{url: "sharedMountPoint://localhost/a%20b", scheme: "sharedmountpoint", path: "/a b"},
		{url: "/srv", kind: fault.Invalid, text: "The url /srv has no scheme; supported: SharedMountPoint, file"},
		{url: "rbd://admin:key@mon/pool", kind: fault.Unsupported, text: "A url with scheme rbd is not supported in this version; supported: SharedMountPoint, file"},
		{url: "file://kvm1/srv", kind: fault.Invalid, text: "The url file://kvm1/srv names host kvm1; the directory is that of every host in the scope: say localhost"},
		{url: "file://u:p@/srv", kind: fault.Invalid, text: "The url with scheme file has a user, a query or a fragment; it takes a path alone"},
		{url: "file:///srv?x=1", kind: fault.Invalid, text: "The url with scheme file has a user, a query or a fragment; it takes a path alone"},
		{url: "file:///%zz", kind: fault.Invalid, text: `The url "file:///%zz" cannot be read`},
		{url: "file:///", kind: fault.Invalid, text: `The url file:/// has path "/", which is not absolute and clean and below /`},
		{url: "file://", kind: fault.Invalid, text: `The url file:// has path "", which is not absolute and clean and below /`},
		{url: "file:///srv/../etc", kind: fault.Invalid, text: `The url file:///srv/../etc has path "/srv/../etc", which is not absolute and clean and below /`},
		{url: "file:///srv/", kind: fault.Invalid, text: `The url file:///srv/ has path "/srv/", which is not absolute and clean and below /`},
		{url: "file:///a%0ab", kind: fault.Invalid, text: `The url file:///a%0ab has path "/a\nb", which is not absolute and clean and below /`},
	} {
		scheme, path, err := command.Directory(test.url, "SharedMountPoint", "file")
		if scheme != test.scheme || path != test.path || fault.Of(err) != test.kind || fault.Message(err) != test.text {
			t.Errorf("%s: got %q %q %v", test.url, scheme, path, err)
		}
	}
}
