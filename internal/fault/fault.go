// Package fault is the error that crosses Cairn's wires: a kind that a program
// can act on, a message that a user may read, and a cause for the operator.
//
// The kind survives agent → stream → job row → API. Branch on kinds with [Of]
// or [Is], never on text. An error that carries no fault is [Internal].
//
// In:  the meaning of a failure, from the place that knows it.
// Out: its kind and safe message, to every boundary on the way back.
package fault

import (
	"context"
	"errors"
	"fmt"
)

// Error is a failure with a kind. Message is safe to show to the user who
// caused it; the cause is for the operator's log only.
type Error struct {
	Kind    Kind
	Message string
	cause   error
}

// New makes a fault whose text a user may read.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes a fault around a cause. The cause's text is not part of Message.
func Wrap(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), cause: cause}
}

// Error gives the whole chain, for the operator.
func (e *Error) Error() string {
	if e.cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.cause.Error()
}

// Unwrap returns the cause, nil when there is none.
func (e *Error) Unwrap() error { return e.cause }

// Of finds the kind of an error: that of the outermost fault in its chain,
// Timeout or Unavailable for a context that ended, else Internal. Of(nil) is
// [None].
func Of(err error) Kind {
	if err == nil {
		return None
	}
	var f *Error
	switch {
	case errors.As(err, &f):
		return f.Kind
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.Is(err, context.Canceled):
		return Unavailable
	}
	return Internal
}

// Is reports whether the error's kind is the given one.
func Is(err error, kind Kind) bool { return err != nil && Of(err) == kind }

// Message is the part of an error that its user may read. An error without a
// fault says nothing about its inside.
func Message(err error) string {
	var f *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &f):
		return f.Message
	case errors.Is(err, context.DeadlineExceeded):
		return "the operation took longer than its deadline"
	case errors.Is(err, context.Canceled):
		return "the operation was stopped"
	}
	return "internal error"
}
