package controller

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/cairn-kvm/cairn/controller/fleet"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/version"
)

// metrics is what Prometheus reads.
type metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.HistogramVec
	jobs     *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cairn_api_request_duration_seconds", Help: "Time to answer an API request.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}, []string{"command", "code"}),
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cairn_job_duration_seconds", Help: "Time from the first start of a job to its end.",
			Buckets: prometheus.ExponentialBuckets(0.01, 4, 9),
		}, []string{"command", "outcome"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "cairn_controller_build_info", Help: "Always 1; the version is in the label.",
		ConstLabels: prometheus.Labels{"version": version.String()},
	})
	build.Set(1)
	m.registry.MustRegister(m.calls, m.jobs, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) call(command string, code int, took time.Duration) {
	m.calls.WithLabelValues(command, strconv.Itoa(code)).Observe(took.Seconds())
}

func (m *metrics) job(job *resource.Job, took time.Duration) {
	outcome := "success"
	if job.Status == resource.JobFailed {
		outcome = fault.Kind(job.FaultKind).String()
	}
	m.jobs.WithLabelValues(job.Command, outcome).Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// watch adds what is read when Prometheus asks.
func (m *metrics) watch(s *store.Store, agents *fleet.Fleet) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "cairn_agents_connected", Help: "Hosts whose agents are connected.",
	}, func() float64 { return float64(agents.Connected()) }), &stateCollector{s})
}

// stateCollector counts rows by state.
type stateCollector struct{ store *store.Store }

var (
	vmsDesc  = prometheus.NewDesc("cairn_vms", "VMs by state.", []string{"state"}, nil)
	jobsDesc = prometheus.NewDesc("cairn_jobs_unfinished", "Jobs that wait or run.", []string{"state"}, nil)
)

// Describe tells the collector's families.
func (c *stateCollector) Describe(out chan<- *prometheus.Desc) { out <- vmsDesc; out <- jobsDesc }

// Collect reads them; a database that does not answer makes the scrape fail.
func (c *stateCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for state := range resource.VMMoves {
		collect(out, vmsDesc, string(state), func() (int, error) {
			return store.Count[resource.VM](ctx, c.store, store.Filter{"state": state})
		})
	}
	for name, status := range map[string]resource.JobStatus{"waiting": resource.JobPending, "running": resource.JobRunning} {
		collect(out, jobsDesc, name, func() (int, error) {
			return store.Count[resource.Job](ctx, c.store, store.Filter{"status": store.Exactly(status)})
		})
	}
}

func collect(out chan<- prometheus.Metric, desc *prometheus.Desc, label string, count func() (int, error)) {
	n, err := count()
	if err != nil {
		out <- prometheus.NewInvalidMetric(desc, err)
		return
	}
	out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), label)
}
