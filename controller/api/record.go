package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/logging"
)

// statusGone is what proxies count for a client that did not wait.
const statusGone = 499

// gone reports whether an error came about because the client hung up, which
// is nobody's failure. A server that stops is another cause.
func gone(r *http.Request, err error) bool {
	var p *panicked
	return context.Cause(r.Context()) == context.Canceled && !errors.As(err, &p) //nolint:errorlint // a plain cancel is net/http's own
}

// record writes the one line that a request leaves. Parameters are not part
// of it, nor are the texts that quote them.
func (e *Edge) record(r *http.Request, x *exchange, code int, took time.Duration, err error) {
	level := slog.LevelDebug
	switch {
	case code < 500:
	case internal(err):
		level = slog.LevelError
	default:
		level = slog.LevelInfo
	}
	if !e.log.Enabled(r.Context(), level) {
		return
	}
	facts := []slog.Attr{
		slog.String(logging.Command, x.command), slog.Int("code", code),
		slog.Duration("took", took), slog.String("from", r.RemoteAddr),
	}
	if x.caller.UserID != "" {
		facts = append(facts, slog.String(logging.Caller, string(x.caller.UserID)))
	}
	if code >= 500 || code == statusGone || code == http.StatusUnauthorized {
		facts = append(facts, slog.Any("err", err))
	}
	var p *panicked
	if errors.As(err, &p) {
		facts = append(facts, slog.String("stack", string(p.stack)))
	}
	e.log.LogAttrs(r.Context(), level, "request", facts...)
}

// internal reports whether an error is a mistake of this program.
func internal(err error) bool {
	kind := fault.Of(err)
	return kind == fault.Internal || kind == fault.None || !kind.Known()
}
