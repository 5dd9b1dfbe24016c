package hypervisor_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"libvirt.org/go/libvirt"
)

// What package domain writes is what libvirt's own schema allows.
func TestSchema(t *testing.T) {
	t.Parallel()
	conn, err := libvirt.NewConnect("test:///default")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = conn.Close() }()
	paths, err := filepath.Glob("../domain/testdata/*.xml")
	if err != nil || len(paths) < 5 {
		t.Fatalf("%d golden files, %v", len(paths), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		// The test driver is a host of one kind only.
		plain := strings.NewReplacer(`"aarch64"`, `"x86_64"`, `"virt"`, `"pc"`).Replace(string(text))
		d, err := conn.DomainDefineXMLFlags(plain, libvirt.DOMAIN_DEFINE_VALIDATE)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if err := d.Undefine(); err != nil {
			t.Error(err)
		}
		if err := d.Free(); err != nil {
			t.Error(err)
		}
	}
}

func TestSchemaIsAsked(t *testing.T) {
	t.Parallel()
	conn, err := libvirt.NewConnect("test:///default")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = conn.Close() }()
	text, err := os.ReadFile("../domain/testdata/minimal.xml")
	if err != nil {
		t.Fatal(err)
	}
	odd := strings.Replace(string(text), "<vcpu>", "<vcpus>", 1)
	odd = strings.Replace(odd, "</vcpu>", "</vcpus>", 1)
	if _, err := conn.DomainDefineXMLFlags(odd, libvirt.DOMAIN_DEFINE_VALIDATE); err == nil {
		t.Error("nonsense is valid")
	}
}
