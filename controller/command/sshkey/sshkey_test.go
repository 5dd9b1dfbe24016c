package sshkey_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command/commandtest"
	"github.com/cairn-kvm/cairn/controller/command/sshkey"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func cloud(t *testing.T) *commandtest.Cloud {
	t.Helper()
	c := commandtest.New(t)
	c.Catalog.Add(sshkey.Commands(sshkey.Deps{Store: c.Store}))
	return c
}

// publicKey makes a key with a '+' in its Base64, which is what clients damage.
func publicKey(t *testing.T) (line, fingerprint string) {
	t.Helper()
	for {
		public, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		key, err := ssh.NewPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		if line = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))); strings.Contains(line, "+") {
			return line, ssh.FingerprintLegacyMD5(key)
		}
	}
}

func TestCreate(t *testing.T) {
	c := cloud(t)
	made := c.Must(c.Alice, "createSSHKeyPair", "name", "k1")
	private, err := ssh.ParsePrivateKey([]byte(made.Text("keypair", "privatekey")))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(made.Text("keypair", "privatekey"), "-----BEGIN RSA PRIVATE KEY-----\n") {
		t.Error("the private key is not PEM of RSA")
	}
	for field, want := range map[string]string{
		"name": "k1", "fingerprint": ssh.FingerprintLegacyMD5(private.PublicKey()), "account": "alice", "domain": "acme", "domainid": string(c.Alice.DomainID),
	} {
		if got := made.Text("keypair", field); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
	row, err := store.Get[resource.SSHKey](t.Context(), c.Store, resource.SSHKeyID(made.Text("keypair", "id")))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(private.PublicKey()))); row.PublicKey != want || row.Owner != c.Alice.Owner() {
		t.Errorf("kept %+v", row)
	}
	c.Refused(fault.Invalid, "A key pair with name 'k1' already exists.", c.Alice, "createSSHKeyPair", "name", "k1")
	c.Refused(fault.Invalid, "The name a,b of a key pair has a comma, which separates the names of keypairs", c.Alice, "createSSHKeyPair", "name", "a,b")
	c.Refused(fault.Invalid, "AccountName and domainId must be specified together", c.Root, "createSSHKeyPair", "name", "k2", "account", "alice")
	c.Must(c.Bob, "createSSHKeyPair", "name", "k1")
}

func TestRegister(t *testing.T) {
	line, fingerprint := publicKey(t)
	noted := line + " me@host"
	for name, test := range map[string]struct{ passed, kept string }{
		"as it is":             {line, line},
		"with a comment":       {noted, noted},
		"with a line break":    {noted + "\n", noted},
		"escaped twice":        {url.QueryEscape(noted), noted},
		"escaped as a path":    {strings.ReplaceAll(noted, " ", "%20"), noted},
		"spaces as plus":       {strings.ReplaceAll(noted, " ", "+"), noted},
		"plus as space":        {strings.ReplaceAll(line, "+", " "), line},
		"plus as space, noted": {strings.ReplaceAll(noted, "+", " "), noted},
	} {
		t.Run(name, func(t *testing.T) {
			c := cloud(t)
			made := c.Must(c.Alice, "registerSSHKeyPair", "name", "k", "publickey", test.passed)
			if got := made.Text("keypair", "fingerprint") + made.Text("keypair", "privatekey"); got != fingerprint {
				t.Errorf("fingerprint %s, want %s", got, fingerprint)
			}
			row, err := store.First[resource.SSHKey](t.Context(), c.Store, nil)
			if err != nil || row.PublicKey != test.kept {
				t.Errorf("kept %+v, %v, want %s", row, err, test.kept)
			}
		})
	}
}

func TestRegisterRefuses(t *testing.T) {
	c := cloud(t)
	line, _ := publicKey(t)
	other, _ := publicKey(t)
	acme := string(c.Alice.DomainID)
	c.Must(c.Alice, "registerSSHKeyPair", "name", "k", "publickey", line)
	for _, test := range []struct{ text, name, key string }{
		{"A key pair with name 'k' already exists.", "k", other},
		{"A key pair with key '" + line + " again' already exists for this account.", "k2", line + " again"},
		{`The public key is not one that SSH can read: it begins with "ssh-rsa AAAA"`, "k2", "ssh-rsa AAAA"},
		{`The public key is not one that SSH can read: it begins with "-----BEGIN OPENSSH P"`, "k2", "-----BEGIN OPENSSH PRIVATE KEY-----"},
		{"A public key has one line, this one has more", "k2", other + "\n" + other},
		{"A public key is its type, its content and a comment; this one is a certificate or has options", "k2", `command="true" ` + other},
		{"Value greater than max allowed length 5120 for param: publickey", "k2", other + strings.Repeat(" ", 5120)},
		{"Unable to execute API command registersshkeypair due to missing parameter publickey", "k2", ""},
	} {
		c.Refused(fault.Invalid, test.text, c.Alice, "registerSSHKeyPair", "name", test.name, "publickey", test.key)
	}
	c.Refused(fault.Invalid, commandtest.NoSuch("registersshkeypair", "domainid", acme), c.Bob, "registerSSHKeyPair", "name", "k", "publickey", line, "account", "alice", "domainid", acme)
	c.Must(c.Bob, "registerSSHKeyPair", "name", "k", "publickey", line)
	if got := c.Must(c.Dora, "registerSSHKeyPair", "name", "k3", "publickey", other, "account", "alice", "domainid", acme).Text("keypair", "account"); got != "alice" {
		t.Errorf("dora registered it for %s", got)
	}
}

func TestList(t *testing.T) {
	c := cloud(t)
	line, fingerprint := publicKey(t)
	other, _ := publicKey(t)
	id := c.Must(c.Alice, "registerSSHKeyPair", "name", "alpha", "publickey", line).Text("keypair", "id")
	c.Must(c.Alice, "registerSSHKeyPair", "name", "beta", "publickey", other)
	c.Must(c.Bob, "registerSSHKeyPair", "name", "gamma", "publickey", line)
	acme := string(c.Alice.DomainID)
	for _, test := range []struct {
		caller access.Caller
		want   []string
		pairs  []string
	}{
		{c.Alice, []string{"alpha", "beta"}, nil},
		{c.Alice, []string{"alpha", "beta"}, []string{"listall", "true"}},
		{c.Alice, []string{"alpha"}, []string{"id", id}},
		{c.Alice, []string{"beta"}, []string{"name", "BETA"}},
		{c.Alice, []string{"alpha"}, []string{"fingerprint", strings.ToUpper(fingerprint)}},
		{c.Alice, []string{"beta"}, []string{"keyword", "bet"}},
		{c.Alice, []string{"beta"}, []string{"page", "2", "pagesize", "1"}},
		{c.Bob, []string{"gamma"}, []string{"listall", "true"}},
		{c.Bob, []string{}, []string{"name", "alpha"}},
		{c.Dora, []string{}, nil},
		{c.Dora, []string{"alpha", "beta"}, []string{"listall", "true"}},
		{c.Root, []string{}, nil},
		{c.Root, []string{"alpha", "beta", "gamma"}, []string{"listall", "true"}},
		{c.Root, []string{"alpha"}, []string{"id", id}},
		{c.Root, []string{"alpha", "beta"}, []string{"account", "alice", "domainid", acme}},
	} {
		got := c.Must(test.caller, "listSSHKeyPairs", test.pairs...)
		if !slices.Equal(got.Texts("sshkeypair", "name"), test.want) {
			t.Errorf("%s: %q: got %v", test.caller.UserName, test.pairs, got)
		}
	}
	c.Refused(fault.Invalid, commandtest.NoSuch("listsshkeypairs", "id", id), c.Bob, "listSSHKeyPairs", "id", id)
}

func TestDelete(t *testing.T) {
	c := cloud(t)
	line, _ := publicKey(t)
	acme := string(c.Alice.DomainID)
	for _, caller := range []access.Caller{c.Alice, c.Bob} {
		c.Must(caller, "registerSSHKeyPair", "name", "k", "publickey", line)
	}
	if got := c.Must(c.Bob, "deleteSSHKeyPair", "name", "k").Text("success"); got != "true" {
		t.Errorf("success %s", got)
	}
	c.Refused(fault.Invalid, "A key pair with name 'k' does not exist for account bob in specified domain id", c.Bob, "deleteSSHKeyPair", "name", "k")
	if got := c.Must(c.Alice, "listSSHKeyPairs").Text("count"); got != "1" {
		t.Errorf("alice has %s keys", got)
	}
	c.Must(c.Root, "deleteSSHKeyPair", "name", "k", "account", "alice", "domainid", acme)
	c.Refused(fault.Invalid, "A key pair with name 'k' does not exist for account alice in specified domain id", c.Root, "deleteSSHKeyPair", "name", "k", "account", "alice", "domainid", acme)
}
