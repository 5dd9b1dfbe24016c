package agent_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/logging"
)

func readConfig(t *testing.T, text string) (agent.Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return agent.ReadConfig(path)
}

func TestDefaultIsValid(t *testing.T) {
	t.Parallel()
	if err := agent.Default().Validate(); err != nil {
		t.Error(err)
	}
	if got, err := readConfig(t, ""); err != nil || !reflect.DeepEqual(got, agent.Default()) {
		t.Errorf("an empty file gives %+v, %v", got, err)
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	t.Parallel()
	got, err := readConfig(t, `
controller = "controller.example:8250"
state_dir = "/state"
cache_dir = "/cache"
drain_time = "90s"
[libvirt]
uri = "qemu:///embed"
[guest]
virtualization = "tcg"
bridge = "br7"
console_dir = "/console"
image_group = "kvm"
[template]
file_roots = ["/templates"]
max_bytes = 5
[actions]
parallel = 3
queue = 30
[log]
format = "json"
level = "debug"
[metrics]
listen = ""
`)
	want := agent.Config{
		Controller: "controller.example:8250", StateDir: "/state", CacheDir: "/cache", DrainTime: 90 * time.Second,
		Libvirt:  agent.Libvirt{URI: "qemu:///embed"},
		Guest:    agent.Guest{Virtualization: agent.TCG, Bridge: "br7", ConsoleDir: "/console", ImageGroup: "kvm"},
		Template: agent.Template{FileRoots: []string{"/templates"}, MaxBytes: 5},
		Actions:  agent.Actions{Parallel: 3, Queue: 30},
		Log:      agent.Log{Format: logging.JSON, Level: slog.LevelDebug},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, %v", got, err)
	}
}

func TestMistakesAreNamedWithTheirKeys(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"unknown keys":   {"contoller = \"a:1\"\n[guest]\nbirdge = \"x\"", []string{"contoller: there is no such key", "guest.birdge: there is no such key"}},
		"not TOML":       {"controller = ", []string{"not valid TOML"}},
		"wrong type":     {"[actions]\nparallel = \"many\"", []string{"actions.parallel"}},
		"not a word":     {"[guest]\nvirtualization = \"xen\"", []string{"guest.virtualization", `"xen"`}},
		"not a format":   {"[log]\nformat = \"xml\"", []string{"log.format", `"xml"`}},
		"not a duration": {"drain_time = \"soon\"", []string{"drain_time"}},
		"values": {
			"controller = \"nowhere\"\nstate_dir = \"var\"\ndrain_time = \"2h\"\n[actions]\nparallel = 0\nqueue = -1\n[libvirt]\nuri = \"\"\n[guest]\nbridge = \"\"\n[template]\nfile_roots = [\"tmp\"]",
			[]string{
				`controller: "nowhere" is not of the form host:port`, `state_dir: "var" is not an absolute path`, "drain_time: 2h0m0s is not between 0s and 1h0m0s",
				"actions.parallel: 0 is not between 1 and 256", "actions.queue: -1 is not between", "libvirt.uri", "guest.bridge", `template.file_roots: "tmp"`,
			},
		},
	} {
		_, err := readConfig(t, test.text)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, part := range append(test.want, "agent.toml") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", name, err, part)
			}
		}
	}
}

func TestANamedFileMustBeThere(t *testing.T) {
	t.Parallel()
	if _, err := agent.ReadConfig(filepath.Join(t.TempDir(), "none.toml")); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}
