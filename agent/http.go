package agent

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// reportAge is how old the last complete report may be in a healthy agent.
const reportAge = 3 * time.Minute

func (a *Agent) listen() (err error) {
	if a.config.Metrics.Listen == "" {
		return nil
	}
	if a.listener, err = new(net.ListenConfig).Listen(context.Background(), "tcp", a.config.Metrics.Listen); err != nil {
		return fault.Wrap(fault.Unavailable, err, "metrics.listen: %s cannot be listened on", a.config.Metrics.Listen)
	}
	return nil
}

// MetricsAddress is where /metrics and /healthz are, empty where they are not.
func (a *Agent) MetricsAddress() string {
	if a.listener == nil {
		return ""
	}
	return a.listener.Addr().String()
}

func (a *Agent) serveHTTP(ctx context.Context) {
	if a.listener == nil {
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", a.health)
	server := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // readers come again
	defer stop()
	if err := server.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) {
		a.log.Error("metrics are not served any more", "err", err)
	}
}

// health is 200 while the agent can do its work, else 503 with a line for
// each reason.
func (a *Agent) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	answer := "ok\n"
	if problems := a.problems(time.Now()); len(problems) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		answer = strings.Join(problems, "\n") + "\n"
	}
	_, _ = io.WriteString(w, answer) // a reader that went away misses nothing
}

func (a *Agent) problems(now time.Time) (problems []string) {
	link := a.link.Stats()
	if !link.Connected {
		problems = append(problems, "controller "+a.config.Controller+" is away")
	}
	if link.Connected && now.Sub(link.LastComplete) > reportAge {
		problems = append(problems, "VMs cannot be listed: the hypervisor is away")
	}
	return problems
}
