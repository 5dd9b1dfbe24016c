package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// errStopping is why the requests that outlast the grace are cancelled.
var errStopping = errors.New("the controller is stopping")

// lastWords is the time for cancelled requests to answer.
const lastWords = 5 * time.Second

// Serve answers on the listener until the context ends, then takes no more
// requests, lets those that run end within the grace, and cancels the rest.
// It closes the listener, and returns when no request runs any more.
func (e *Edge) Serve(ctx context.Context, listener net.Listener) error {
	running, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(errStopping)
	server := e.server(running)
	var serving sync.WaitGroup
	broken := make(chan error, 1)
	serving.Go(func() { broken <- server.Serve(listener) })
	var err error
	select {
	case err = <-broken:
		err = fmt.Errorf("serve the API on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	err = errors.Join(err, e.drain(ctx, server, stop))
	serving.Wait()
	return err
}

func (e *Edge) server(running context.Context) *http.Server {
	return &http.Server{
		Handler:           e.Handler(),
		BaseContext:       func(net.Listener) context.Context { return running },
		ReadHeaderTimeout: e.cfg.HeaderTimeout,
		ReadTimeout:       e.cfg.ReadTimeout,
		WriteTimeout:      e.cfg.ReadTimeout + e.cfg.CallTimeout + e.cfg.WriteTimeout, // counts from the headers on
		IdleTimeout:       e.cfg.IdleTimeout,
		MaxHeaderBytes:    e.cfg.MaxHeader,
		ErrorLog:          slog.NewLogLogger(e.log.Handler(), slog.LevelDebug), // handshakes of scanners, mostly
	}
}

// drain ends the server in order. What does not even answer when it is
// cancelled is cut off.
func (e *Edge) drain(ctx context.Context, server *http.Server, stop context.CancelCauseFunc) error {
	ctx = context.WithoutCancel(ctx)
	if shutdown(ctx, server, e.cfg.Grace) == nil {
		return nil
	}
	e.log.WarnContext(ctx, "requests outlast the grace", "grace", e.cfg.Grace)
	stop(errStopping)
	if err := shutdown(ctx, server, lastWords); err != nil {
		return errors.Join(fmt.Errorf("stop the API: %w", err), server.Close())
	}
	return nil
}

func shutdown(ctx context.Context, server *http.Server, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return server.Shutdown(ctx)
}
