package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// call runs the program's command line and gives its exit code and output.
func call(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	root := command()
	root.SetOut(&out)
	root.SetErr(&out)
	return execute(t.Context(), root, args), out.String()
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.toml"), filepath.Join(dir, "bad.toml")
	for path, text := range map[string]string{good: "drain_time = \"5s\"\n", bad: "birdge = \"br0\"\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"version":           {[]string{"version"}, 0, "cairn-agent "},
		"help":              {[]string{"--help"}, 0, "check-config"},
		"good config":       {[]string{"check-config", "-c", good}, 0, "the configuration is valid"},
		"bad config":        {[]string{"check-config", "-c", bad}, 1, "birdge: there is no such key"},
		"no config":         {[]string{"run", "-c", good + ".none"}, 1, "cannot be read"},
		"unknown command":   {[]string{"fly"}, 2, "fly"},
		"unknown flag":      {[]string{"run", "--fast"}, 2, "--fast"},
		"argument too many": {[]string{"version", "now"}, 2, "now"},
		"join without any":  {[]string{"join", "-c", good}, 2, "required"},
		"join with both":    {[]string{"join", "-c", good, "--controller", "a:1", "--token", "x", "--token-file", "y"}, 2, "token"},
		"join without file": {[]string{"join", "-c", good, "--controller", "a:1", "--token-file", good + ".none"}, 1, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if code, out := call(t, test.args...); code != test.code || !strings.Contains(out, test.says) {
				t.Errorf("exit code %d, want %d; it says %q, want %q in it", code, test.code, out, test.says)
			}
		})
	}
}
