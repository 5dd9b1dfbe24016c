// Package logtest sends the log of what is tested to the test: a record of
// level Error fails it, unless the test said that it expects one.
//
// In:  records, from the code under test.
// Out: lines and failures, to the test.
package logtest

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/internal/logging"
)

// New makes a logger for one test. Messages of level Error that are expected
// are named in full. The code under test must stop logging before the test
// ends.
func New(t testing.TB, expected ...string) *slog.Logger {
	t.Helper()
	return Tee(t, io.Discard, expected...)
}

// Tee is [New] that also writes all records to w, for a test that reads them.
// w is written by one goroutine at a time, but not read so.
func Tee(t testing.TB, w io.Writer, expected ...string) *slog.Logger {
	t.Helper()
	out := io.MultiWriter(lines{t}, w)
	text := slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: dropTime})
	return slog.New(logging.Handler(judge{text, t, expected}))
}

func dropTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

type lines struct{ t testing.TB }

func (l lines) Write(line []byte) (int, error) {
	l.t.Log(strings.TrimSuffix(string(line), "\n"))
	return len(line), nil
}

type judge struct {
	slog.Handler
	t        testing.TB
	expected []string
}

func (j judge) Handle(ctx context.Context, record slog.Record) error {
	if record.Level >= slog.LevelError && !slices.Contains(j.expected, record.Message) {
		j.t.Errorf("unexpected error in the log: %s", record.Message)
	}
	return j.Handler.Handle(ctx, record)
}

func (j judge) WithAttrs(attrs []slog.Attr) slog.Handler {
	return judge{j.Handler.WithAttrs(attrs), j.t, j.expected}
}

func (j judge) WithGroup(name string) slog.Handler {
	return judge{j.Handler.WithGroup(name), j.t, j.expected}
}
