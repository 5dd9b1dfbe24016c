package iso

import (
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// stamp is a time in the two forms that ECMA-119 has, both in UTC.
type stamp struct {
	short [7]byte  // 9.1.5: in directory records and TF entries
	long  [17]byte // 8.4.26.1: in volume descriptors
}

// unspecified is the long form that stands for no time at all.
const unspecified = "0000000000000000\x00"

// epoch stands in for a time that is not given: the first that every guest's
// file systems can hold.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func newStamp(t time.Time) (s stamp, err error) {
	if t.IsZero() {
		t = epoch
	}
	t = t.UTC()
	year := t.Year()
	if year < 1900 || year > 1900+255 {
		return s, fault.New(fault.Invalid, "time stamp %s is not between the years 1900 and 2155", t.Format(time.RFC3339))
	}
	s.short = [7]byte{byte(year - 1900), byte(t.Month()), byte(t.Day()), byte(t.Hour()), byte(t.Minute()), byte(t.Second()), 0}
	copy(s.long[:], t.Format("20060102150405")+"00\x00")
	return s, nil
}
