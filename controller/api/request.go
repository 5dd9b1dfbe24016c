package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/logging"
)

// requestID is the header that names a request to its client. It is ours: one
// that the client sends means nothing.
const requestID = "X-Request-Id"

// identified gives each request its id, in the reply and in the log, and each
// reply the headers that keep browsers from making anything else of it.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()
		header := w.Header()
		header.Set(requestID, id)
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-XSS-Protection", "1;mode=block")
		next.ServeHTTP(w, r.WithContext(logging.With(r.Context(), slog.String(logging.Request, id))))
	})
}

// exchange is what becomes known of a request on its way.
type exchange struct {
	command  string // as an Observer knows it
	envelope string
	format   format
	caller   access.Caller
}

func (e *Edge) serveAPI(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	x := &exchange{command: Unknown, envelope: command.ErrorEnvelope, format: xmlFormat}
	body, err := e.answer(w, r, x)
	code, err := e.reply(w, r, x, body, err)
	took := time.Since(started)
	e.observe(x.command, code, took)
	e.record(r, x, code, took, err)
}

// answer gives the body of the reply. A panic is an error like others.
func (e *Edge) answer(w http.ResponseWriter, r *http.Request, x *exchange) (body []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &panicked{cause, debug.Stack()}
		}
	}()
	f, err := e.readForm(w, r)
	x.format = formatOf(f)
	name := f.get("command")
	if known := e.calls.Find(name); known != nil {
		x.command, x.envelope = known.Name, known.Envelope()
	}
	if err == nil {
		err = check(r.Method, f)
	}
	if err != nil {
		return nil, err
	}
	if x.caller, err = e.verified(r.Context(), f); err != nil {
		return nil, err
	}
	reply, err := e.call(r.Context(), x.caller, name, f)
	x.envelope = reply.Envelope
	if err != nil {
		return nil, err
	}
	return x.format.encode(reply)
}

// check refuses what cannot be a request to the API.
func check(method string, f *form) error {
	name := f.get("command")
	switch {
	case method != http.MethodGet && method != http.MethodPost:
		return refuse(http.StatusMethodNotAllowed, "the API is called by GET or POST, not by %.20q", method)
	case len(f.spelled) == 0:
		return fault.New(fault.Unsupported, "Invalid request, no command sent")
	case name == "":
		return refuse(http.StatusBadRequest, "no command specified")
	case len(name) > maxName:
		return fault.New(fault.Invalid, "Value greater than max allowed length %d for param: command", maxName)
	}
	return nil
}

// maxName bounds the name of a command, which error texts repeat.
const maxName = 255

// call carries the command out within its time.
func (e *Edge) call(ctx context.Context, caller access.Caller, name string, f *form) (command.Reply, error) {
	ctx = logging.With(ctx, slog.String(logging.Caller, string(caller.UserID)), slog.String(logging.Command, name))
	ctx, cancel := context.WithTimeout(ctx, e.cfg.CallTimeout)
	defer cancel()
	reply, err := e.calls.Call(ctx, caller, name, f.passed())
	if fault.Is(err, fault.Internal) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = fault.Wrap(fault.Timeout, err, "the command took longer than %s", e.cfg.CallTimeout)
	}
	return reply, err
}

// panicked is a panic in a command, as an error.
type panicked struct {
	cause any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.cause) }
