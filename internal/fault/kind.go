package fault

import "strconv"

// Kind says what the reader of an error can do about it. The numbers are part
// of the wire protocol and of stored jobs: they never change.
type Kind int32

const (
	None            Kind = 0
	Invalid         Kind = 1  // the request is wrong: fix it
	Unauthenticated Kind = 2  // who are you?
	Denied          Kind = 3  // known, not allowed, and may know that it exists
	NotFound        Kind = 4  // absent, or not yours to know
	Conflict        Kind = 5  // legal, but not in this state: look, then retry
	Limit           Kind = 6  // your quota: free something
	NoCapacity      Kind = 7  // ours: the operator adds some
	Unavailable     Kind = 8  // a host, a pool or a plugin is away: retry later
	Timeout         Kind = 9  // took too long; what happened must be asked before the resource is used again
	Unsupported     Kind = 10 // not in this build, host or plugin
	Internal        Kind = 11 // our mistake: the user sees a reference only
	Malformed       Kind = 12 // the request cannot even be decoded
	Throttled       Kind = 13 // too many requests: slow down
)

var names = map[Kind]string{
	None: "none", Invalid: "invalid", Unauthenticated: "unauthenticated", Denied: "denied", NotFound: "not found",
	Conflict: "conflict", Limit: "limit", NoCapacity: "no capacity", Unavailable: "unavailable", Timeout: "timeout",
	Unsupported: "unsupported", Internal: "internal", Malformed: "malformed", Throttled: "throttled",
}

// Kinds lists every kind but None, in the order of their numbers.
func Kinds() []Kind {
	kinds := make([]Kind, 0, len(names)-1)
	for k := Invalid; int(k) < len(names); k++ {
		kinds = append(kinds, k)
	}
	return kinds
}

func (k Kind) String() string {
	if name, known := names[k]; known {
		return name
	}
	return "kind " + strconv.Itoa(int(k))
}

// Known reports whether the number is one of ours; a newer peer may send more.
func (k Kind) Known() bool { _, known := names[k]; return known }
