package imagestore_test

import (
	"slices"
	"testing"

	"github.com/cairn-kvm/cairn/controller/command/commandtest"
	"github.com/cairn-kvm/cairn/controller/command/imagestore"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func cloud(t *testing.T) (*commandtest.Cloud, string) {
	t.Helper()
	c := commandtest.New(t)
	c.Catalog.Add(imagestore.Commands(imagestore.Deps{Store: c.Store}))
	return c, string(c.Zone("z1").ID)
}

func TestAdd(t *testing.T) {
	c, zone := cloud(t)
	added := c.Must(c.Root, "addImageStore", "provider", "nfs", "url", "file:///srv/images", "zoneid", zone)
	for field, want := range map[string]string{
		"name": "file:///srv/images", "url": "file:///srv/images", "protocol": "file", "providername": "NFS",
		"scope": "ZONE", "zoneid": zone, "zonename": "z1", "readonly": "false",
	} {
		if got := added.Text("imagestore", field); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
	for _, test := range []struct {
		kind  fault.Kind
		text  string
		pairs []string
	}{
		{fault.Unsupported, "An image store of provider S3 is not supported in this version; supported: Directory, NFS", []string{"provider", "S3", "url", "file:///srv", "zoneid", zone}},
		{fault.Unsupported, "A url with scheme nfs is not supported in this version; supported: file", []string{"provider", "NFS", "url", "nfs://host/export", "zoneid", zone}},
		{fault.Invalid, "Unable to execute API command addimagestore due to missing parameter zoneid", []string{"provider", "Directory", "url", "file:///srv"}},
		{fault.Invalid, "Unable to execute API command addimagestore due to missing parameter url", []string{"provider", "Directory", "zoneid", zone}},
		{fault.Invalid, "An image store with the name file:///srv/images exists already", []string{"provider", "Directory", "name", "file:///srv/images", "url", "file:///srv/more", "zoneid", zone}},
		{fault.Conflict, "Image store " + added.Text("imagestore", "id") + " uses the directory /srv/images already", []string{"provider", "Directory", "name", "n", "url", "file:///srv/images", "zoneid", zone}},
	} {
		c.Refused(test.kind, test.text, c.Root, "addImageStore", test.pairs...)
	}
	c.Refused(fault.Unsupported, "The API [addImageStore] does not exist or is not available for the account alice", c.Alice, "addImageStore")
}

func TestList(t *testing.T) {
	c, zone := cloud(t)
	other := string(c.Zone("z2").ID)
	id := c.Must(c.Root, "addImageStore", "name", "alpha", "provider", "NFS", "url", "file:///srv/a", "zoneid", zone).Text("imagestore", "id")
	c.Must(c.Root, "addImageStore", "name", "beta", "provider", "Directory", "url", "file:///srv/a", "zoneid", other)
	for _, test := range []struct {
		pairs []string
		want  []string
	}{
		{nil, []string{"alpha", "beta"}},
		{[]string{"id", id}, []string{"alpha"}},
		{[]string{"name", "Beta"}, []string{"beta"}},
		{[]string{"zoneid", other}, []string{"beta"}},
		{[]string{"provider", "nfs"}, []string{"alpha"}},
		{[]string{"protocol", "file", "readonly", "false"}, []string{"alpha", "beta"}},
		{[]string{"protocol", "s3"}, []string{}},
		{[]string{"readonly", "true"}, []string{}},
		{[]string{"keyword", "direct"}, []string{"beta"}},
		{[]string{"page", "2", "pagesize", "1"}, []string{"beta"}},
	} {
		if got := c.Must(c.Root, "listImageStores", test.pairs...); !slices.Equal(got.Texts("imagestore", "name"), test.want) {
			t.Errorf("%q: got %v", test.pairs, got)
		}
	}
	c.Refused(fault.Unsupported, "The API [listImageStores] does not exist or is not available for the account alice", c.Alice, "listImageStores")
}
