// Package api is the HTTP edge of the controller: it reads requests as
// CloudStack's clients write them, finds out who signed them, and answers in
// JSON or XML. It knows nothing of what the commands do.
//
// In:  HTTP requests, from clients; replies and faults, from package command.
// Out: a verified caller and parameters (name → value), to package command.
package api

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/internal/secret"
)

// Config bounds what a client may ask for. A field that is zero has the value
// that its comment names.
type Config struct {
	MaxBody   int64 // bytes of a form; 2 MiB, for 1 MiB of user data in base64
	MaxHeader int   // bytes of the request line and the headers; 256 KiB, for 32 KiB of user data by GET
	MaxParams int   // 4096

	HeaderTimeout time.Duration // until the headers are read; 10 s
	ReadTimeout   time.Duration // until the body is read; 1 min
	CallTimeout   time.Duration // for a command; 1 min, which is as long as clients wait
	WriteTimeout  time.Duration // for the reply; 30 s
	IdleTimeout   time.Duration // of a kept connection; 2 min
	Grace         time.Duration // for running requests, when the server stops; 20 s

	Ping    func(context.Context) error // answers /healthz; absent: always healthy
	Metrics http.Handler                // answers /metrics; absent: not served
}

func (c Config) filled() Config {
	c.MaxBody = cmp.Or(c.MaxBody, 2<<20)
	c.MaxHeader = cmp.Or(c.MaxHeader, 256<<10)
	c.MaxParams = cmp.Or(c.MaxParams, 4096)
	c.HeaderTimeout = cmp.Or(c.HeaderTimeout, 10*time.Second)
	c.ReadTimeout = cmp.Or(c.ReadTimeout, time.Minute)
	c.CallTimeout = cmp.Or(c.CallTimeout, time.Minute)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 30*time.Second)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, 2*time.Minute)
	c.Grace = cmp.Or(c.Grace, 20*time.Second)
	return c
}

// Calls carries commands out: a [command.Catalog].
type Calls interface {
	Call(ctx context.Context, caller access.Caller, name string, params map[string]string) (command.Reply, error)
	Find(name string) *command.Command
}

// Auth finds the user of an API key and its secret key. An unknown key, or one
// that may not act, is a fault of kind Unauthenticated.
type Auth interface {
	Caller(ctx context.Context, apiKey string) (access.Caller, secret.Text, error)
}

// Observer is told of each request to the API: the command, [Unknown] where
// there is no such command, the HTTP status and the time that it took. It is
// called from many goroutines.
type Observer func(command string, code int, took time.Duration)

// Unknown is the name under which an [Observer] sees commands that do not
// exist, so that clients cannot make up metrics.
const Unknown = "unknown"

// Edge serves the API. It is safe for concurrent use.
type Edge struct {
	cfg     Config
	calls   Calls
	auth    Auth
	log     *slog.Logger
	observe Observer
}

// New makes an edge; nothing is served before [Edge.Serve].
func New(cfg Config, calls Calls, auth Auth, log *slog.Logger, observe Observer) *Edge {
	return &Edge{cfg: cfg.filled(), calls: calls, auth: auth, log: log, observe: observe}
}

// Handler answers every path: the API's, /healthz, /metrics, and 404 else.
func (e *Edge) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/client/api", e.serveAPI)
	mux.HandleFunc("/client/api/", e.serveAPI)
	mux.HandleFunc("/healthz", e.serveHealth)
	if e.cfg.Metrics != nil {
		mux.Handle("/metrics", e.cfg.Metrics)
	}
	mux.HandleFunc("/", e.serveNothing)
	return identified(mux)
}
