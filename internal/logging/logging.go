// Package logging makes the loggers of Cairn's programs: log/slog, as text or
// JSON, with the facts of the work at hand (job, command, caller, host,
// request) taken from the context, so that call sites do not repeat them.
//
// Levels: Error means that a person must act; Warn is handled, but not
// normal; Info is a state that changed; Debug is the wire. A healthy idle
// system is silent at Info.
//
// In:  records and contexts, from every package that was handed a logger.
// Out: lines, to the writer of the program.
package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
)

// Keys of the facts that travel in a context, see [With].
const (
	Job     = "job"
	Command = "command"
	Caller  = "caller"
	Host    = "host"
	Request = "request"
)

// Format is how lines are written.
type Format string

const (
	Text Format = "text" // key=value, for people
	JSON Format = "json" // one object a line, for machines
)

// UnmarshalText reads a format from a configuration.
func (f *Format) UnmarshalText(text []byte) error {
	switch got := Format(text); got {
	case Text, JSON:
		*f = got
		return nil
	default:
		return fmt.Errorf("%q is no log format: use %q or %q", got, Text, JSON)
	}
}

// Config says what is written, and how. The zero value is text from Info up.
type Config struct {
	Format Format
	Level  slog.Level
}

// New makes a logger that writes to w and adds the facts of the context.
func New(w io.Writer, c Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.Level}
	if c.Format == JSON {
		return slog.New(Handler(slog.NewJSONHandler(w, options)))
	}
	return slog.New(Handler(slog.NewTextHandler(w, options)))
}

type factsKey struct{}

// With puts facts into a context: every record that is logged with it, or
// with a context made from it, bears them. A fact of the same key replaces
// the older one.
func With(ctx context.Context, facts ...slog.Attr) context.Context {
	return context.WithValue(ctx, factsKey{}, merge(Facts(ctx), facts))
}

// Facts are what the context carries. The slice must not be changed.
func Facts(ctx context.Context) []slog.Attr {
	facts, _ := ctx.Value(factsKey{}).([]slog.Attr)
	return facts
}

func merge(older, newer []slog.Attr) []slog.Attr {
	merged := make([]slog.Attr, 0, len(older)+len(newer))
	for _, fact := range older {
		if !slices.ContainsFunc(newer, func(n slog.Attr) bool { return n.Key == fact.Key }) {
			merged = append(merged, fact)
		}
	}
	return append(merged, newer...)
}

// Handler adds the facts of the context to what another handler writes.
func Handler(next slog.Handler) slog.Handler { return handler{next} }

type handler struct{ slog.Handler }

func (h handler) Handle(ctx context.Context, record slog.Record) error {
	if facts := Facts(ctx); len(facts) > 0 {
		record = record.Clone()
		record.AddAttrs(facts...)
	}
	return h.Handler.Handle(ctx, record)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name)}
}
