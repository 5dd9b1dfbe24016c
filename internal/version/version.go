// Package version tells which build of Cairn a program is.
//
// In:  the build information that Go links in, or a release name that the packager does.
// Out: one line, to `version`, to metrics and to the peer at the other end of the stream.
package version

import (
	"runtime"
	"runtime/debug"
)

// release is set by packaging:
//
//	go build -ldflags "-X github.com/cairn-kvm/cairn/internal/version.release=1.2.3"
var release string

// Build is what is known of a build.
type Build struct {
	Version  string // "1.2.3" of a release, a module version, or "devel"
	Revision string // of the source, empty where the build had none
	Modified bool   // the source differed from its revision
	Go       string // "go1.26.8"
}

// Read finds out which build this is.
func Read() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return from(release, &debug.BuildInfo{GoVersion: runtime.Version()})
	}
	return from(release, info)
}

// String is the build in one word: "1.2.3", or "devel-0123456789ab-modified".
func String() string { return Read().String() }

func (b Build) String() string {
	word := b.Version
	if b.Version == devel && b.Revision != "" {
		word += "-" + b.Revision[:min(len(b.Revision), 12)]
	}
	if b.Modified {
		word += "-modified"
	}
	return word
}

const devel = "devel"

func from(release string, info *debug.BuildInfo) Build {
	b := Build{Version: release, Go: info.GoVersion}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	if b.Version == "" || b.Version == "(devel)" {
		b.Version = devel
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Revision = setting.Value
		case "vcs.modified":
			b.Modified = setting.Value == "true"
		}
	}
	return b
}
