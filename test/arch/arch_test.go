package arch_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/test/arch"
)

const root = "../.."

// never are the arrows that must not be.
var never = []arch.Rule{
	{From: []string{"controller/..."}, To: []string{"agent/..."}, Why: "controller and agent meet in proto only"},
	{From: []string{"agent/..."}, To: []string{"controller/..."}, Why: "controller and agent meet in proto only"},
	{
		From: []string{"controller/resource"}, To: []string{"controller/...", "agent/...", "proto/...", "internal/..."},
		Why: "records know nobody; everybody knows records",
	},
	{
		From: []string{"controller/command/...", "controller/job", "controller/workflow", "controller/resource"}, To: []string{"net/http"},
		Why: "a command that knows HTTP cannot run as a job",
	},
	{
		From: []string{"controller/..."}, Except: []string{"controller/store"},
		To:  []string{"database/sql", "github.com/uptrace/bun...", "modernc.org/sqlite", "github.com/jackc/pgx/..."},
		Why: "SQL is in package store only, so that two engines stay one store",
	},
	{
		From: []string{"agent/..."}, Except: []string{"agent/hypervisor"},
		To:  []string{"libvirt.org/go/libvirt", "github.com/digitalocean/go-qemu/..."},
		Why: "only package hypervisor speaks to the hypervisor, so that sim can stand in for it",
	},
	{From: []string{"controller/..."}, To: []string{"libvirt.org/..."}, Why: "the controller has no hypervisor"},
	{
		From: []string{"agent/iso", "agent/configdrive", "agent/domain", "controller/vmdata"}, To: []string{"os", "os/exec", "net/http", "math/rand..."},
		Why: "these packages are pure: the same input gives the same output anywhere",
	},
	{From: []string{"internal/..."}, To: []string{"controller/...", "agent/..."}, Why: "what both sides use knows neither"},
	{From: []string{"controller/...", "agent/...", "internal/..."}, To: []string{"test/..."}, Why: "the product does not need its tests"},
}

// TestArrows draws every arrow that is and compares.
func TestArrows(t *testing.T) {
	all := load(t)
	for _, rule := range never {
		lines, alive := rule.Broken(all)
		if !alive {
			t.Errorf("a rule speaks of no package: %v (%s)", rule.From, rule.Why)
		}
		for _, line := range lines {
			if line = allowed(line); line != "" {
				t.Error(line)
			}
		}
	}
}

// allowed drops the one arrow that a rule's words take in beyond its meaning.
func allowed(line string) string {
	if strings.HasPrefix(line, "controller/resource → internal/fault:") {
		return "" // records may say of which kind a failure is
	}
	return line
}

// TestRulesCanFail breaks each rule in an invented graph.
func TestRulesCanFail(t *testing.T) {
	for _, rule := range never {
		from := concrete(rule.From[0])
		to := concrete(rule.To[0])
		if strings.HasPrefix(rule.To[0], "controller") || strings.HasPrefix(rule.To[0], "agent") ||
			strings.HasPrefix(rule.To[0], "test") || strings.HasPrefix(rule.To[0], "proto") {
			to = arch.Module + to
		}
		lines, alive := rule.Broken([]arch.Package{{ImportPath: arch.Module + from, Imports: []string{to}}})
		if !alive || len(lines) != 1 || !strings.Contains(lines[0], rule.Why) {
			t.Errorf("%v → %v is not found: %q", from, to, lines)
		}
		if _, alive := rule.Broken([]arch.Package{{ImportPath: arch.Module + "elsewhere"}}); alive {
			t.Errorf("%v does not notice that it went stale", rule.From)
		}
	}
}

// TestThroughOthers: our own arrows count through packages between, a
// library's do not.
func TestThroughOthers(t *testing.T) {
	graph := []arch.Package{{
		ImportPath: arch.Module + "controller/job", Imports: []string{"google.golang.org/grpc"},
		Deps: []string{"google.golang.org/grpc", "net/http", arch.Module + "agent/iso"},
	}}
	for _, rule := range never {
		lines, _ := rule.Broken(graph)
		if slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "net/http") }) {
			t.Errorf("what a library imports was counted: %q", lines)
		}
	}
	if lines, _ := never[0].Broken(graph); len(lines) != 1 {
		t.Errorf("an arrow through another package was not counted: %q", lines)
	}
}

func concrete(pattern string) string { return strings.Replace(pattern, "...", "x", 1) }

func load(t *testing.T) []arch.Package {
	t.Helper()
	all, err := arch.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestPackageComments: each package says what it does, what comes in and what
// goes out, so that the path can be walked from any point.
func TestPackageComments(t *testing.T) {
	for _, p := range load(t) {
		path := strings.TrimPrefix(p.ImportPath, arch.Module)
		if strings.HasPrefix(path, "proto/gen/") || len(p.GoFiles)+len(p.CgoFiles) == 0 {
			continue
		}
		comments := packageComments(t, p)
		if len(comments) != 1 {
			t.Errorf("%s has %d package comments, not one", path, len(comments))
			continue
		}
		for _, want := range []string{"\nIn:  ", "\nOut: "} {
			if !strings.Contains("\n"+comments[0], want) {
				t.Errorf("%s: its package comment has no line %q", path, strings.TrimSpace(want))
			}
		}
	}
}

func packageComments(t *testing.T, p arch.Package) []string {
	t.Helper()
	var comments []string
	for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if file.Doc != nil {
			comments = append(comments, file.Doc.Text())
		}
	}
	return comments
}

// TestPackageNames: a name that could be any package's names none.
func TestPackageNames(t *testing.T) {
	nameless := []string{"util", "utils", "common", "shared", "helper", "helpers", "base", "types", "manager", "misc"}
	for _, p := range load(t) {
		if slices.Contains(nameless, p.Name) {
			t.Errorf("package %s is called %s, which says nothing", p.ImportPath, p.Name)
		}
	}
}

// TestInternal: what both sides share is a short list, each with its reason.
func TestInternal(t *testing.T) {
	want := []string{"fault", "logging", "pki", "secret", "version"} // secret: docs/adr/0003
	entries, err := os.ReadDir(filepath.Join(root, "internal"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !slices.Contains(want, entry.Name()) {
			t.Errorf("internal/%s is new: say why in an ADR, and add it here", entry.Name())
		}
	}
}

// TestTopLevel: the first look at the tree tells what there is.
func TestTopLevel(t *testing.T) {
	want := []string{"bin", "agent", "controller", "docs", "internal", "plugins", "proto", "packaging", "systemd", "test"}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") && !slices.Contains(want, entry.Name()) {
			t.Errorf("the folder %s is not part of the layout", entry.Name())
		}
	}
}

// TestForbiddenText: habits that only a look at the text finds.
func TestForbiddenText(t *testing.T) {
	for _, p := range load(t) {
		if strings.Contains(p.ImportPath, "/proto/gen/") || strings.Contains(p.ImportPath, "/test/arch") {
			continue
		}
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
			text, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"context.TODO(", "\"failed to ", "func init()"} {
				if strings.Contains(string(text), word) {
					t.Errorf("%s/%s has %q", strings.TrimPrefix(p.ImportPath, arch.Module), name, word)
				}
			}
		}
	}
}
