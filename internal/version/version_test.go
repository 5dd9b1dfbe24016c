package version

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestFrom(t *testing.T) {
	t.Parallel()
	vcs := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.modified", Value: modified}}
	}
	for name, test := range map[string]struct {
		release string
		info    debug.BuildInfo
		want    string
	}{
		"release":        {"1.2.3", debug.BuildInfo{Settings: vcs("false")}, "1.2.3"},
		"module":         {"", debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, "v1.2.3"},
		"checkout":       {"", debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: vcs("false")}, "devel-0123456789ab"},
		"dirty checkout": {"", debug.BuildInfo{Settings: vcs("true")}, "devel-0123456789ab-modified"},
		"nothing known":  {"", debug.BuildInfo{}, "devel"},
	} {
		if got := from(test.release, &test.info).String(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestReadKnowsGo(t *testing.T) {
	t.Parallel()
	if got := Read().Go; got != runtime.Version() {
		t.Errorf("built with %q, want %q", got, runtime.Version())
	}
	if String() == "" {
		t.Error("the build has no name")
	}
}
