package main

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

// The host's memory is for its guests. A burst of work may take what it
// needs, at the price of more collection; what it needed is given back.
const (
	memoryLimit = 32 << 20 // bytes that Go keeps to where it can
	collectAt   = 50       // per cent of new heap
	trimEvery   = time.Minute
	trimAbove   = 8 << 20 // bytes of heap, used or not: an idle agent has less
)

// keepSmall bounds the process's memory, unless the environment says how
// (GOMEMLIMIT, GOGC), and gives back what is not used until ctx ends.
func keepSmall(ctx context.Context) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	tick := time.NewTicker(trimEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			trim()
		case <-ctx.Done():
			return
		}
	}
}

func trim() {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	if now.HeapSys-now.HeapReleased > trimAbove {
		debug.FreeOSMemory()
	}
}
