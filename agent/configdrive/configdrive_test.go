package configdrive_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/agent/configdrive"
	"github.com/cairn-kvm/cairn/internal/fault"
)

var vm = item("metadata", "vm-id", "2f0cb3a5-5f0a-4b0e-9a53-0d3dcfa2a111")

func items(more ...configdrive.Item) configdrive.Data {
	return configdrive.Data{Items: append([]configdrive.Item{vm}, more...)}
}

func nics(nics ...configdrive.NIC) configdrive.Data {
	d := items()
	d.NICs = nics
	return d
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	const mac = "02:00:00:00:00:01"
	four := configdrive.NIC{MAC: mac, IPv4: "10.0.0.5", Netmask: "255.255.255.0", Default: true}
	six := configdrive.NIC{MAC: mac, IPv6: "2001:db8::5", Prefix6: 64, Default: true}
	change := func(n configdrive.NIC, f func(*configdrive.NIC)) configdrive.Data { f(&n); return nics(n) }
	for name, c := range map[string]struct {
		data configdrive.Data
		says string
	}{
		"no uuid":             {configdrive.Data{}, `there is no item "metadata/vm-id"`},
		"blank uuid":          {configdrive.Data{Items: []configdrive.Item{item("metadata", "vm-id", " ")}}, `there is no item "metadata/vm-id"`},
		"slash in name":       {items(item("metadata", "a/b", "x")), `item "metadata/a/b": "a/b" is no name of a file`},
		"slash in directory":  {items(item("../etc", "b", "x")), `"../etc" is no name of a file`},
		"upwards":             {items(item("..", "b", "x")), `".." is no name of a file`},
		"no name":             {items(item("metadata", "", "x")), `"" is no name of a file`},
		"newline in name":     {items(item("metadata", "a\nb", "x")), `"a\nb" is no name`},
		"name not UTF-8":      {items(item("metadata", "a\xff", "x")), `is no name of a file`},
		"content not UTF-8":   {items(item("metadata", "a", "secret\xff")), `item "metadata/a" is not text in UTF-8`},
		"twice":               {items(item("metadata", "vm-id", "other")), `item "metadata/vm-id" is given twice`},
		"reserved":            {items(item("metadata", "random_seed", "x")), `item "metadata/random_seed" has a name that meta_data.json reserves`},
		"reserved alias":      {items(item("metadata", "public_keys", "x")), `reserves`},
		"line in password":    {items(item("password", "vm_password", "hunter2\n")), `item "password/vm_password" contains a control character`},
		"binary password":     {items(item("password", "vm_password", "hunter2\xff")), `item "password/vm_password" is not text`},
		"MAC":                 {nics(configdrive.NIC{MAC: "02:00"}), `eth0: MAC address "02:00" is none`},
		"long MAC":            {nics(configdrive.NIC{MAC: "02:00:00:00:00:00:00:01"}), `is none`},
		"two of a device":     {nics(configdrive.NIC{Device: 1}, configdrive.NIC{Device: 1}), "two NICs are eth1"},
		"two of a MAC":        {nics(configdrive.NIC{MAC: mac}, configdrive.NIC{Device: 1, MAC: strings.ReplaceAll(mac, ":", "-")}), "two NICs have the MAC address " + mac},
		"two defaults":        {nics(configdrive.NIC{Default: true}, configdrive.NIC{Device: 1, Default: true}), "eth0 and eth1 are both the default NIC"},
		"MTU":                 {nics(configdrive.NIC{MAC: mac, MTU: 65536}), "eth0: MTU 65536"},
		"IPv4":                {change(four, func(n *configdrive.NIC) { n.IPv4 = "10.0.0" }), `eth0: IPv4 address "10.0.0" is none`},
		"IPv6 as IPv4":        {change(four, func(n *configdrive.NIC) { n.IPv4 = "::1" }), `IPv4 address "::1" is none`},
		"no netmask":          {change(four, func(n *configdrive.NIC) { n.Netmask = "" }), `netmask "" is none`},
		"netmask with a hole": {change(four, func(n *configdrive.NIC) { n.Netmask = "255.0.255.0" }), `netmask "255.0.255.0" is none`},
		"empty netmask":       {change(four, func(n *configdrive.NIC) { n.Netmask = "0.0.0.0" }), `netmask "0.0.0.0" is none`},
		"gateway":             {change(four, func(n *configdrive.NIC) { n.Gateway = "fe80::1" }), `gateway "fe80::1" is none`},
		"DNS":                 {change(four, func(n *configdrive.NIC) { n.DNS = []string{"dns.example"} }), `DNS address "dns.example" is none`},
		"IPv4 as IPv6":        {change(six, func(n *configdrive.NIC) { n.IPv6 = "10.0.0.5" }), `IPv6 address "10.0.0.5" is none`},
		"zone":                {change(six, func(n *configdrive.NIC) { n.IPv6 = "fe80::1%eth0" }), `IPv6 address "fe80::1%eth0" is none`},
		"no prefix":           {change(six, func(n *configdrive.NIC) { n.Prefix6 = 0 }), "IPv6 prefix length 0 is not between 1 and 128"},
		"long prefix":         {change(six, func(n *configdrive.NIC) { n.Prefix6 = 129 }), "IPv6 prefix length 129"},
		"IPv6 gateway":        {change(six, func(n *configdrive.NIC) { n.Gateway6 = "10.0.0.1" }), `IPv6 gateway "10.0.0.1" is none`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img, err := configdrive.Render(c.data)
			if !fault.Is(err, fault.Invalid) || len(img.Files) > 0 {
				t.Fatalf("%d files and error %v", len(img.Files), err)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("says %q, want %q", err, c.says)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "secret") {
				t.Errorf("tells the content: %q", err)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want string // public_keys
	}{
		"none":              {"# a comment alone\n", "null"},
		"one, no comment":   {"ssh-rsa AAA", `{"key":"ssh-rsa AAA"}`},
		"one, named":        {"ssh-rsa AAA me@x\r\n", `{"me@x":"ssh-rsa AAA me@x"}`},
		"comment of words":  {"ssh-rsa AAA my own  key", `{"my own key":"ssh-rsa AAA my own  key"}`},
		"options in front":  {`command="a b" ssh-ed25519 AAA me`, `{"me":"command=\"a b\" ssh-ed25519 AAA me"}`},
		"unknown type":      {"new-type AAA me", `{"me":"new-type AAA me"}`},
		"type alone":        {"ssh-rsa", `{"key":"ssh-rsa"}`},
		"two, no comment":   {"ssh-rsa AAA\nssh-rsa BBB", `{"key0":"ssh-rsa AAA","key1":"ssh-rsa BBB"}`},
		"same comment":      {"ssh-rsa A me\nssh-rsa B me\n\nsk-ssh-ed25519@openssh.com C me", `{"me":"ssh-rsa A me","me-2":"ssh-rsa B me","me-3":"sk-ssh-ed25519@openssh.com C me"}`},
		"comment as a name": {"ssh-rsa A key1\nssh-rsa B", `{"key1":"ssh-rsa A key1","key1-2":"ssh-rsa B"}`},
		"the same twice":    {"ssh-rsa A me\nssh-rsa A me", `{"me":"ssh-rsa A me"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img, err := configdrive.Render(items(item("metadata", "public-keys", c.text)))
			if err != nil {
				t.Fatal(err)
			}
			checkDrive(t, img)
			var meta struct {
				PublicKeys json.RawMessage                     `json:"public_keys"`
				Keys       []struct{ Type, Data, Name string } `json:"keys"`
			}
			if err := json.Unmarshal([]byte(contents(img)["openstack/latest/meta_data.json"]), &meta); err != nil {
				t.Fatal(err)
			}
			if got := string(meta.PublicKeys); got != c.want && (got != "" || c.want != "null") {
				t.Errorf("public_keys is %s, want %s", got, c.want)
			}
			byName := map[string]string(nil)
			for _, k := range meta.Keys {
				if byName == nil {
					byName = make(map[string]string)
				}
				byName[k.Name] = k.Data
				if k.Type != "ssh" {
					t.Errorf("key %+v", k)
				}
			}
			if got, err := json.Marshal(byName); err != nil || string(got) != c.want {
				t.Errorf("keys are %s, %v, want %s", got, err, c.want)
			}
		})
	}
}

func TestUserDataIsExact(t *testing.T) {
	t.Parallel()
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	raw := append([]byte("\x1f\x8b\x00 \r\n"), every...)
	img, err := configdrive.Render(items(configdrive.Item{Directory: "userdata", Name: "user_data", Content: raw}))
	if err != nil {
		t.Fatal(err)
	}
	files := contents(img)
	for _, path := range []string{"openstack/latest/user_data", "cloudstack/userdata/user_data.txt"} {
		if files[path] != string(raw) {
			t.Errorf("%s has %q", path, files[path])
		}
	}
}

func TestItemsHideTheirContent(t *testing.T) {
	t.Parallel()
	i := item("password", "vm_password", "hunter2")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "item", i, "items", []configdrive.Item{i})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "item", i, "items", []configdrive.Item{i})
	for _, text := range []string{
		log.String(), fmt.Sprintf("%v %+v %#v %s %q %x %d", i, i, i, i, i, i, i), fmt.Sprintf("%+v %#v", items(i), items(i)),
	} {
		if !strings.Contains(text, "vm_password") || strings.Contains(text, "hunter2") || strings.Contains(text, "68756e746572") ||
			strings.Contains(text, "aHVudGVyMg") || strings.Contains(text, "104 117") || strings.Contains(text, "0x68, 0x75") {
			t.Errorf("shown: %s", text)
		}
	}
}

// cloudbase-init reads a drive on Windows, and so its Joliet tree alone.
func TestCloudbaseInit(t *testing.T) {
	t.Parallel()
	d := items(
		item("metadata", "local-hostname", "win1"), item("metadata", "public-keys", "ssh-rsa AAA me"),
		item("userdata", "user_data", "#ps1\n"), item("password", "vm_password", "pä\"ss"),
	)
	d.Windows = true
	img, err := configdrive.Render(d)
	if err != nil {
		t.Fatal(err)
	}
	root := unpackJoliet(t, checkDrive(t, img))
	text, err := os.ReadFile(filepath.Join(root, "openstack", "latest", "meta_data.json"))
	if err != nil {
		t.Fatal(err)
	}
	var meta struct {
		UUID, Hostname string
		AdminPass      string            `json:"admin_pass"`
		PublicKeys     map[string]string `json:"public_keys"`
	}
	if err := json.Unmarshal(text, &meta); err != nil {
		t.Fatal(err)
	}
	if meta.UUID != string(vm.Content) || meta.Hostname != "win1" || meta.AdminPass != "pä\"ss" || meta.PublicKeys["me"] != "ssh-rsa AAA me" {
		t.Errorf("meta_data.json is %s", text)
	}
	for path, want := range contents(img) {
		if got, err := os.ReadFile(filepath.Join(root, path)); err != nil || string(got) != want {
			t.Errorf("%s has %q, %v, want %q", path, got, err, want)
		}
	}
}

// unpackJoliet unpacks an image with 7z, which takes the Joliet tree.
func unpackJoliet(t *testing.T, image []byte) (root string) {
	t.Helper()
	directory := t.TempDir()
	file, root := filepath.Join(directory, "image.iso"), filepath.Join(directory, "root")
	if err := os.WriteFile(file, image, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("7z", "x", "-y", "-o"+root, file).CombinedOutput(); err != nil {
		t.Fatalf("7z: %v: %s", err, out)
	}
	return root
}

func TestSameDataSameTree(t *testing.T) {
	t.Parallel()
	var params []configdrive.Item
	for i := range 20 {
		params = append(params, item("metadata", fmt.Sprintf("param-%d", i), "x"))
	}
	var first []byte
	for range 20 {
		img, err := configdrive.Render(items(params...))
		if err != nil {
			t.Fatal(err)
		}
		image := checkDrive(t, img)
		if first == nil {
			first = image
		}
		if !bytes.Equal(image, first) {
			t.Fatal("the same data gave another image")
		}
		params = append(params[1:], params[0])
	}
}

// Everything that a guest may have to quote itself stays in its place.
func TestPasswords(t *testing.T) {
	t.Parallel()
	for _, password := range []string{
		"simple", `"`, `\`, `\"`, "'", ": ", "# no comment", "%TAG", "{}", "null", "0x10", "yes", " leading and trailing ",
		"\u00a0\u2028\ufeff\ufffd", "😀", "<&>", "ssh: {a: b}", "*", "|", "@",
	} {
		img, err := configdrive.Render(items(item("password", "vm_password", password)))
		if err != nil {
			t.Fatalf("%q: %v", password, err)
		}
		checkDrive(t, img)
	}
}
