// Package secret is the type of every value that must not be read by the
// wrong eyes: it prints, logs and marshals as "[redacted]", and gives its
// content only to the code that asks for it by name.
//
// In:  passwords and keys, from requests and from the sealed store.
// Out: their content, to the drive and to the sealing code, through Reveal.
package secret

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

// Redacted is what a secret shows of itself everywhere.
const Redacted = "[redacted]"

// Text is a secret string. The zero value is the empty secret.
type Text struct{ content string }

// New hides a string.
func New(content string) Text { return Text{content} }

// Reveal gives the content: to be called where it is used, never to keep it.
func (t Text) Reveal() string { return t.content }

// Empty reports whether there is nothing to hide.
func (t Text) Empty() bool { return t.content == "" }

// Equal compares in constant time.
func (t Text) Equal(other Text) bool {
	return subtle.ConstantTimeCompare([]byte(t.content), []byte(other.content)) == 1
}

func (t Text) String() string               { return Redacted }
func (t Text) GoString() string             { return Redacted }
func (t Text) Format(f fmt.State, _ rune)   { _, _ = f.Write([]byte(Redacted)) }
func (t Text) LogValue() slog.Value         { return slog.StringValue(Redacted) }
func (t Text) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
func (t Text) MarshalJSON() ([]byte, error) { return []byte(`"` + Redacted + `"`), nil }
