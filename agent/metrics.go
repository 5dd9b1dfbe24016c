package agent

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/cairn-kvm/cairn/agent/journal"
	"github.com/cairn-kvm/cairn/agent/link"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/version"
)

// actionSeconds spans a deleted file to a fetched template.
var actionSeconds = []float64{.005, .025, .1, .25, 1, 2.5, 5, 10, 30, 60, 300, 1800}

// callSeconds spans an answer from memory to a start that probes an emulator.
var callSeconds = []float64{.001, .005, .025, .1, .5, 2.5, 10, 30, 120}

// Metrics is what the agent counts. Make one for each agent.
type Metrics struct {
	registry *prometheus.Registry
	actions  *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	calls    *prometheus.HistogramVec
	faults   *prometheus.CounterVec
}

// NewMetrics makes metrics that have counted nothing.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		actions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cairn_agent_actions_total",
			Help: "Actions that ended, by kind and by the kind of their fault; none is success.",
		}, []string{"kind", "fault"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cairn_agent_action_duration_seconds", Help: "How long actions took.", Buckets: actionSeconds,
		}, []string{"kind"}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cairn_agent_libvirt_call_duration_seconds", Help: "How long calls of libvirt took.", Buckets: callSeconds,
		}, []string{"call"}),
		faults: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cairn_agent_libvirt_call_faults_total", Help: "Calls of libvirt that did not succeed, by the kind of their fault.",
		}, []string{"call", "fault"}),
	}
	build := version.Read()
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "cairn_agent_build_info", Help: "Always 1; the labels say which build runs.",
		ConstLabels: prometheus.Labels{"version": build.Version, "revision": build.Revision, "goversion": build.Go},
	})
	info.Set(1)
	m.registry.MustRegister(m.actions, m.seconds, m.calls, m.faults, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// action is told about every action that ended, with no time for one that was
// not begun.
func (m *Metrics) action(kind string, outcome fault.Kind, took time.Duration) {
	m.actions.WithLabelValues(kind, outcome.String()).Inc()
	if took > 0 {
		m.seconds.WithLabelValues(kind).Observe(took.Seconds())
	}
}

// LibvirtCall is told about every finished call of libvirt.
func (m *Metrics) LibvirtCall(call string, took time.Duration, err error) {
	m.calls.WithLabelValues(call).Observe(took.Seconds())
	if err != nil {
		m.faults.WithLabelValues(call, fault.Of(err).String()).Inc()
	}
}

// watch adds what is read from the parts at each scrape.
func (m *Metrics) watch(a *Agent) {
	m.registry.MustRegister(
		gauge("cairn_agent_connected", "Whether the stream to the controller stands.",
			func() float64 { return truth(a.link.Stats().Connected) }),
		counter("cairn_agent_reconnects_total", "Streams to the controller after the first.",
			func() float64 { return float64(max(a.link.Stats().Streams, 1) - 1) }),
		reports("true", a.link, func(s link.Stats) uint64 { return s.Complete }),
		reports("false", a.link, func(s link.Stats) uint64 { return s.Incomplete }),
		gauge("cairn_agent_last_complete_report_timestamp_seconds", "When all VMs could last be listed; 0 is never.",
			func() float64 { return seconds(a.link.Stats().LastComplete) }),
		gauge("cairn_agent_certificate_expiry_timestamp_seconds", "When the host's certificate runs out.",
			func() float64 { return seconds(a.identity.Certificate.NotAfter) }),
		journalGauge(a, "bytes", "Size of the journal.", func(s journal.Stats) int64 { return s.Bytes }),
		journalGauge(a, "unacknowledged_results", "Outcomes that the controller has not acknowledged.",
			func(s journal.Stats) int64 { return int64(s.Unacknowledged) }),
		journalGauge(a, "unfinished_actions", "Actions that run, or were cut short and wait to be sent again.",
			func(s journal.Stats) int64 { return int64(s.InDoubt) }),
	)
}

func journalGauge(a *Agent, name, help string, read func(journal.Stats) int64) prometheus.Collector {
	return gauge("cairn_agent_journal_"+name, help, func() float64 { return float64(read(a.journal.Stats())) })
}

func reports(complete string, l *link.Link, read func(link.Stats) uint64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "cairn_agent_reports_total", Help: "Reports of VMs that were made, by whether all VMs could be listed.",
		ConstLabels: prometheus.Labels{"complete": complete},
	}, func() float64 { return float64(read(l.Stats())) })
}

func gauge(name, help string, read func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read)
}

func counter(name, help string, read func() float64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, read)
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func seconds(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.UnixNano()) / 1e9
}
