// Package bench measures Cairn beside a named rival, in turns and in one run:
// the machines are noisy, and only a ratio holds. Nothing here asserts.
//
// In:  the programs, a lab host.
// Out: figures, to the program in print and to Go's benchmarks.
package bench

import (
	"slices"
	"time"
)

// inTurns runs a and b one after the other, the given number of times, and
// gives the median of each.
func inTurns(turns int, a, b func() error) (medianA, medianB time.Duration, err error) {
	var times [2][]time.Duration
	for range turns {
		for i, run := range []func() error{a, b} {
			start := time.Now()
			if err := run(); err != nil {
				return 0, 0, err
			}
			times[i] = append(times[i], time.Since(start))
		}
	}
	return median(times[0]), median(times[1]), nil
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
