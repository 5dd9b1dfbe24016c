package api

import (
	"context"
	"net/http"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
)

// pingTimeout is shorter than the patience of those who probe.
const pingTimeout = 2 * time.Second

// serveHealth tells whether requests can be served at all. It needs no caller
// and says nothing else.
func (e *Edge) serveHealth(w http.ResponseWriter, r *http.Request) {
	code, text := http.StatusOK, "ok\n"
	if err := e.ping(r.Context()); err != nil {
		e.log.WarnContext(r.Context(), "not healthy", "err", err)
		code, text = http.StatusServiceUnavailable, "the database does not answer\n"
	}
	e.send(w, r, "text/plain; charset=UTF-8", code, []byte(text))
}

func (e *Edge) ping(ctx context.Context) error {
	if e.cfg.Ping == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	return e.cfg.Ping(ctx)
}

// serveNothing answers at every other address, so that a client with a wrong
// one in its configuration can show why: most expect JSON.
func (e *Edge) serveNothing(w http.ResponseWriter, r *http.Request) {
	x := &exchange{envelope: command.ErrorEnvelope, format: jsonFormat}
	_, _ = e.reply(w, r, x, nil, refuse(http.StatusNotFound, "there is nothing here; the API is at /client/api")) // the client has gone
}
