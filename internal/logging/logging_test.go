package logging_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/internal/logging"
	"github.com/cairn-kvm/cairn/internal/secret"
)

func TestFactsOfTheContextAreWritten(t *testing.T) {
	t.Parallel()
	ctx := logging.With(t.Context(), slog.String(logging.Job, "j1"), slog.String(logging.Command, "deployVirtualMachine"))
	inner := logging.With(ctx, slog.String(logging.Host, "h1"), slog.String(logging.Job, "j2"))
	for name, test := range map[string]struct {
		format logging.Format
		want   string
	}{
		"text": {logging.Text, `msg=done part=dispatch vm=v1 command=deployVirtualMachine host=h1 job=j2`},
		"json": {logging.JSON, `"msg":"done","part":"dispatch","vm":"v1","command":"deployVirtualMachine","host":"h1","job":"j2"`},
	} {
		var out bytes.Buffer
		log := logging.New(&out, logging.Config{Format: test.format}).With("part", "dispatch")
		log.InfoContext(inner, "done", "vm", "v1")
		if !strings.Contains(out.String(), test.want) {
			t.Errorf("%s: %s", name, out.String())
		}
	}
	if got := len(logging.Facts(ctx)); got != 2 {
		t.Errorf("the outer context has %d facts after the inner one was made", got)
	}
}

func TestLevelAndSecrets(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := logging.New(&out, logging.Config{Level: slog.LevelWarn})
	log.Info("quiet")
	log.Warn("loud", "password", secret.New("hunter2"))
	if got := out.String(); strings.Contains(got, "quiet") || strings.Contains(got, "hunter2") || !strings.Contains(got, secret.Redacted) {
		t.Error(got)
	}
}

func TestFormatIsRead(t *testing.T) {
	t.Parallel()
	var f logging.Format
	if err := f.UnmarshalText([]byte("json")); err != nil || f != logging.JSON {
		t.Errorf("%q, %v", f, err)
	}
	if err := f.UnmarshalText([]byte("xml")); err == nil || !strings.Contains(err.Error(), `"xml"`) {
		t.Error(err)
	}
}
