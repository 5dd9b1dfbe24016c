package script

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/controller"
	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
)

var update = flag.Bool("update", false, "write the golden files anew")

// listAPIsIsAsKept: what listApis tells root is a contract, from which whole
// clients are generated. A change of it is made on purpose: go test -update.
func listAPIsIsAsKept(t *testing.T, c *controller.Controller) {
	const golden = "testdata/listapis.json"
	text, err := json.MarshalIndent(c.Catalog().Describe(access.Caller{Role: resource.RootAdmin}), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile(golden, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	old, now := strings.Split(string(kept), "\n"), strings.Split(string(text), "\n")
	for i := range max(len(old), len(now)) {
		if i >= len(old) || i >= len(now) || old[i] != now[i] {
			t.Fatalf("%s differs from line %d on (it has %d lines, now there are %d):\n was %s\n  is %s\nif that is meant: go test -tags libvirt_dlopen ./test/script -run TestAudit -update",
				golden, i+1, len(old), len(now), line(old, i), line(now, i))
		}
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}
