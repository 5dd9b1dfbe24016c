package hypervisor_test

import (
	"testing"
	"time"
)

// BenchmarkStartStop tells what a start and a forced stop of a small VM take.
func BenchmarkStartStop(b *testing.B) {
	hv := shared.open(b)
	spec := shared.guest(b, deaf)
	var starts, stops time.Duration
	for b.Loop() {
		began := time.Now()
		if err := hv.Start(b.Context(), spec); err != nil {
			b.Fatal(err)
		}
		started := time.Now()
		if _, err := hv.Stop(b.Context(), spec.VM, true, 0); err != nil {
			b.Fatal(err)
		}
		starts, stops = starts+started.Sub(began), stops+time.Since(started)
	}
	b.ReportMetric(float64(starts.Milliseconds())/float64(b.N), "ms/start")
	b.ReportMetric(float64(stops.Milliseconds())/float64(b.N), "ms/stop")
}

// BenchmarkVMs is what a report costs on a host of this many VMs.
func BenchmarkVMs(b *testing.B) {
	hv := shared.open(b)
	for range 5 {
		spec := shared.guest(b, deaf)
		b.Cleanup(func() { _, _ = hv.Stop(within(b, 20*time.Second), spec.VM, true, 0) })
		if err := hv.Start(b.Context(), spec); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if vms, err := hv.VMs(b.Context()); len(vms) != 5 || err != nil {
			b.Fatal(vms, err)
		}
	}
}
