package link

import (
	"testing"
	"time"
)

func TestPausesGrowToTheCapAndStayRandom(t *testing.T) {
	t.Parallel()
	limit := pauseBase
	for attempt := range 12 {
		seen := map[time.Duration]bool{}
		for range 200 {
			p := pause{min(attempt, 8)} // the cap is reached after eight
			got := p.next()
			if got < 0 || got > min(limit, pauseCap) {
				t.Fatalf("pause %d is %s, the limit %s", attempt, got, limit)
			}
			seen[got] = true
		}
		if len(seen) < 100 {
			t.Errorf("pause %d has only %d values", attempt, len(seen))
		}
		limit *= 2
	}
}

func TestPauseStartsAnew(t *testing.T) {
	t.Parallel()
	var p pause
	for range 100 {
		if p.next(); pauseBase<<p.attempts > 2*pauseCap {
			t.Fatalf("%d attempts are counted", p.attempts)
		}
	}
	if p.reset(); p.attempts != 0 {
		t.Error("a settled stream does not start the pauses anew")
	}
}
