package api

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the signature that most clients make; forging an HMAC needs more than SHA-1's collisions
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"slices"
	"strings"

	"github.com/cairn-kvm/cairn/internal/secret"
)

// hashes are told apart by the length of what they make: the wire does not
// name them.
var hashes = map[int]func() hash.Hash{
	sha1.Size:   sha1.New,
	sha256.Size: sha256.New,
	sha512.Size: sha512.New,
}

// Clients write the same request in different ways before they sign it. Each
// of these bits is one difference; none of them set is CloudStack's own SDK.
const (
	escapeTilde    = 1 << iota // in values: as Java does
	escapeStar                 // in values: as Go does
	escapeBrackets             // in names
	sortFolded                 // by the name in lower case, as CloudStack's documentation says
	everySpelling  = 1<<iota - 1
)

// verify reports whether the signature is that of the parameters, spelled in
// any of the ways that are in use.
func verify(f *form, key secret.Text, signature string) bool {
	want, err := base64.StdEncoding.DecodeString(signature)
	algorithm := hashes[len(want)]
	if err != nil || algorithm == nil || key.Empty() {
		return false
	}
	mac := hmac.New(algorithm, []byte(key.Reveal()))
	var text, sum []byte
	message := newMessage(f)
	for spelling := range everySpelling + 1 {
		if spelling&^message.differences != 0 {
			continue
		}
		text = message.appendText(text[:0], spelling)
		mac.Reset()
		mac.Write(text)
		sum = mac.Sum(sum[:0])
		if hmac.Equal(sum, want) {
			return true
		}
	}
	return false
}

// message is what is signed: every parameter but the signature, with its name
// in lower case.
type message struct {
	pairs       []pair // by the name as it was spelled
	folded      []pair // by the name in lower case
	differences int    // the bits that make a difference to this message
}

func newMessage(f *form) message {
	m := message{pairs: make([]pair, 0, len(f.spelled))}
	for _, p := range f.spelled {
		if strings.ToLower(p.name) != "signature" {
			m.pairs = append(m.pairs, p)
		}
	}
	byName := func(a, b pair) int { return strings.Compare(a.name, b.name) }
	slices.SortFunc(m.pairs, byName)
	for i, p := range m.pairs {
		m.pairs[i].name = strings.ToLower(p.name)
		m.differences |= differences(p)
	}
	if !slices.IsSortedFunc(m.pairs, byName) {
		m.folded = slices.Clone(m.pairs)
		slices.SortStableFunc(m.folded, byName)
		m.differences |= sortFolded
	}
	return m
}

func differences(p pair) int {
	bits := 0
	if strings.Contains(p.value, "~") {
		bits |= escapeTilde
	}
	if strings.Contains(p.value, "*") {
		bits |= escapeStar
	}
	if strings.ContainsAny(p.name, "[]") {
		bits |= escapeBrackets
	}
	return bits
}

func (m message) appendText(text []byte, spelling int) []byte {
	pairs := m.pairs
	if spelling&sortFolded != 0 {
		pairs = m.folded
	}
	for i, p := range pairs {
		if i > 0 {
			text = append(text, '&')
		}
		text = appendName(text, p.name, spelling)
		text = append(text, '=')
		text = appendValue(text, p.value, spelling)
	}
	return text
}

// appendName leaves a name as it is, for its brackets perhaps.
func appendName(text []byte, name string, spelling int) []byte {
	if spelling&escapeBrackets == 0 {
		return append(text, name...)
	}
	for i := range len(name) {
		if c := name[i]; c == '[' || c == ']' {
			text = appendEscape(text, c)
		} else {
			text = append(text, c)
		}
	}
	return text
}

// appendValue is the encoding of forms with %20 for a space, in lower case.
func appendValue(text []byte, value string, spelling int) []byte {
	for i := range len(value) {
		switch c := value[i]; {
		case 'A' <= c && c <= 'Z':
			text = append(text, c+'a'-'A')
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_',
			c == '~' && spelling&escapeTilde == 0,
			c == '*' && spelling&escapeStar == 0:
			text = append(text, c)
		default:
			text = appendEscape(text, c)
		}
	}
	return text
}

func appendEscape(text []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	return append(text, '%', digits[c>>4], digits[c&15])
}
