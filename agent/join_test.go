package agent_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/agent"
	"github.com/cairn-kvm/cairn/agent/link/linktest"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/pki"
	"github.com/cairn-kvm/cairn/internal/secret"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func joinRequest(f *linktest.Fleet, dir string) agent.JoinRequest {
	return agent.JoinRequest{
		Controller: f.Address, Token: pki.FormatToken(f.Token), StateDir: dir, Facts: &agentv1.HostFacts{Name: "node-1"},
	}
}

func TestJoinGivesAnIdentity(t *testing.T) {
	t.Parallel()
	f, dir := linktest.New(t), filepath.Join(t.TempDir(), "state")
	joined, err := agent.Join(t.Context(), joinRequest(f, dir))
	if err != nil {
		t.Fatal(err)
	}
	read, err := agent.ReadIdentity(dir)
	if err != nil {
		t.Fatal(err)
	}
	if read.Host != "host-1" || read.Name != "node-1" || read.Controller != f.Address ||
		!read.Certificate.Equal(joined.Certificate) || !read.CA.Equal(f.CA.Certificate()) {
		t.Errorf("read %+v", read)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "identity.json"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestASecondJoinNeedsForce(t *testing.T) {
	t.Parallel()
	f, dir := linktest.New(t), t.TempDir()
	request := joinRequest(f, dir)
	if _, err := agent.Join(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	f.HostID = "host-2"
	if _, err := agent.Join(t.Context(), request); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "--force") {
		t.Errorf("without force: %v", err)
	}
	if id, err := agent.ReadIdentity(dir); id.Host != "host-1" || err != nil {
		t.Errorf("the host is now %s, %v", id.Host, err)
	}
	request.Force = true
	if _, err := agent.Join(t.Context(), request); err != nil {
		t.Error(err)
	}
	if id, err := agent.ReadIdentity(dir); id.Host != "host-2" || err != nil {
		t.Errorf("with force the host is %s, %v", id.Host, err)
	}
}

func TestJoinTrustsNobodyElse(t *testing.T) {
	t.Parallel()
	f, stranger := linktest.New(t), linktest.New(t)
	used := pki.NewToken(f.CA.Certificate())
	for name, test := range map[string]struct {
		spoil func(*agent.JoinRequest)
		want  string
	}{
		"another's controller": {func(r *agent.JoinRequest) { r.Controller = stranger.Address }, "the authority that the token names"},
		"a used token":         {func(r *agent.JoinRequest) { r.Token = pki.FormatToken(used) }, "the token is not known or was used"},
		"no token":             {func(r *agent.JoinRequest) { r.Token = secret.New("cairn1.hunter2") }, "the join token is not of the form"},
		"no controller":        {func(r *agent.JoinRequest) { r.Controller = "nowhere" }, "not of the form host:port"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := joinRequest(f, t.TempDir())
			test.spoil(&request)
			_, err := agent.Join(t.Context(), request)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") ||
				strings.Contains(err.Error(), f.Token.Secret.Reveal()) {
				t.Errorf("joined with %v", err)
			}
			if left, err := os.ReadDir(request.StateDir); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestWithoutAnIdentityNothingRuns(t *testing.T) {
	t.Parallel()
	if _, err := agent.ReadIdentity(t.TempDir()); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "cairn-agent join") {
		t.Errorf("not joined: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "identity.json"), []byte(`{"host": "x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "identity.json"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := agent.ReadIdentity(dir); !fault.Is(err, fault.Denied) {
		t.Errorf("readable by all: %v", err)
	}
	if err := os.Chmod(filepath.Join(dir, "identity.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := agent.ReadIdentity(dir); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "--force") {
		t.Errorf("damaged: %v", err)
	}
}
