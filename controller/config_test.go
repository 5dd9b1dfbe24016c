package controller_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "controller.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfig(t *testing.T) {
	cfg, err := controller.ReadConfig(write(t, "state_dir = '/srv/cairn'\n[api]\nlisten = '0.0.0.0:80'\n[jobs]\nhost_grace = '90s'\n[log]\nformat = 'json'\n"))
	if err != nil || cfg.StateDir != "/srv/cairn" || cfg.API.Listen != "0.0.0.0:80" || cfg.Jobs.HostGrace != 90*time.Second {
		t.Errorf("%+v, %v", cfg, err)
	}
	if cfg.Agents.Listen != controller.Default().Agents.Listen {
		t.Error("what the file does not name has lost its default")
	}
}

func TestConfigProblemsAreNamedAndJoined(t *testing.T) {
	for text, want := range map[string][]string{
		"bogus = 1\n[api]\nlissten = 'x'\n":             {"there is no key bogus", "there is no key api.lissten"},
		"state_dir = 'relative'\n[api]\nlisten = 'x'\n": {`state_dir: "relative" is not an absolute path`, `api.listen: "x" is not host:port`},
		"[jobs]\nparallel = 0\nhost_grace = '2h'\n":     {"jobs.parallel: 0 is not between", "jobs.host_grace: 2h0m0s is not between"},
		"[log]\nformat = 'xml'\n":                       {"no log format"},
		"state_dir = \n":                                {"cannot be read"},
	} {
		_, err := controller.ReadConfig(write(t, text))
		for _, part := range want {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%q: %v, want %q", text, err, part)
			}
		}
	}
	if _, err := controller.ReadConfig("/does/not/exist.toml"); err == nil {
		t.Error("a named file that is missing was accepted")
	}
}

func TestState(t *testing.T) {
	cfg, ctx, quiet := controller.Default(), t.Context(), slog.New(slog.DiscardHandler)
	cfg.StateDir = filepath.Join(t.TempDir(), "state")
	cfg.API.Listen, cfg.Agents.Listen = "127.0.0.1:0", "127.0.0.1:0"
	if _, err := controller.New(ctx, cfg, quiet); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "cairn-controller init") {
		t.Errorf("without state: %v", err)
	}
	keys, err := controller.Init(ctx, cfg)
	if err != nil || keys.APIKey.Empty() || keys.SecretKey.Empty() {
		t.Fatal(err)
	}
	if _, err := controller.Init(ctx, cfg); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second init: %v", err)
	}
	first, err := controller.New(ctx, cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := controller.New(ctx, cfg, quiet); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second controller on the same state: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"cairn.db", "seal.key", "ca.key"} {
		info, err := os.Stat(filepath.Join(cfg.StateDir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		content, err := os.ReadFile(filepath.Join(cfg.StateDir, name))
		if err != nil || strings.Contains(string(content), keys.SecretKey.Reveal()) {
			t.Errorf("%s shows the secret key (%v)", name, err)
		}
	}
}
