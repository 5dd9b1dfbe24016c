package logtest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/internal/logging/logtest"
)

// witness records what a test would have been told.
type witness struct {
	testing.TB
	logged []string
	failed []string
}

func (w *witness) Helper()         {}
func (w *witness) Log(args ...any) { w.logged = append(w.logged, fmt.Sprint(args...)) }
func (w *witness) Errorf(format string, args ...any) {
	w.failed = append(w.failed, fmt.Sprintf(format, args...))
}

func TestErrorsFailUnlessExpected(t *testing.T) {
	t.Parallel()
	var w witness
	var copied bytes.Buffer
	log := logtest.Tee(&w, &copied, "journal is broken").With("part", "journal")
	log.Debug("wire")
	log.Error("journal is broken")
	if len(w.failed) != 0 {
		t.Errorf("an expected error failed the test: %q", w.failed)
	}
	log.Error("something else")
	if len(w.failed) != 1 || !strings.Contains(w.failed[0], "something else") {
		t.Errorf("an unexpected error: %q", w.failed)
	}
	if len(w.logged) != 3 || w.logged[0] != "level=DEBUG msg=wire part=journal" {
		t.Errorf("logged %q", w.logged)
	}
	if strings.Count(copied.String(), "\n") != 3 {
		t.Errorf("copied %q", copied.String())
	}
}
