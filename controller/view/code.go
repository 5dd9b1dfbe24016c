package view

import "github.com/cairn-kvm/cairn/internal/fault"

// code is what CloudStack's clients branch on: its ApiErrorCode, which is the
// HTTP status too, and the number of the exception that it would have thrown.
type code struct{ errorcode, cserrorcode int }

// 9999 stands for its ServerApiException, which has no number of its own. A
// state that forbids an operation is CloudStack's InvalidParameterValue; 536
// is for its storage pools only.
var codes = map[fault.Kind]code{
	fault.Invalid:         {431, 4350},
	fault.Unauthenticated: {401, 4290},
	fault.Denied:          {531, 4365},
	fault.NotFound:        {431, 4350},
	fault.Conflict:        {431, 4350},
	fault.Limit:           {535, 4370},
	fault.NoCapacity:      {533, 4325},
	fault.Unavailable:     {534, 4380},
	fault.Timeout:         {530, 4560},
	fault.Unsupported:     {432, 9999},
	fault.Internal:        {530, 4250},
	fault.Malformed:       {430, 9999},
	fault.Throttled:       {429, 4545},
}

// ErrorCode is CloudStack's errorcode of a kind, and the HTTP status of a
// reply that fails with it. A kind that is not known counts as Internal.
func ErrorCode(kind fault.Kind) int { return codeOf(kind).errorcode }

// CSErrorCode is CloudStack's cserrorcode of a kind.
func CSErrorCode(kind fault.Kind) int { return codeOf(kind).cserrorcode }

func codeOf(kind fault.Kind) code {
	if c, known := codes[kind]; known {
		return c
	}
	return codes[fault.Internal]
}
