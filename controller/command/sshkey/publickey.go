package sshkey

import (
	"iter"
	"net/url"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// publicKey is a key that SSH can read, and what its owner noted behind it.
type publicKey struct {
	ssh.PublicKey
	comment string
}

// text is the line of an authorized_keys file.
func (k publicKey) text() string {
	return strings.TrimSpace(strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k))) + " " + k.comment)
}

// readKey reads one line of an authorized_keys file, without options. Clients
// escape it once too often or too seldom; what can be restored without a
// guess is.
func readKey(text string) (publicKey, error) {
	text = strings.TrimSpace(text)
	if strings.ContainsAny(text, "\r\n") {
		return publicKey{}, fault.New(fault.Invalid, "A public key has one line, this one has more")
	}
	for spelling := range spellings(text) {
		key, comment, options, _, err := ssh.ParseAuthorizedKey([]byte(spelling))
		if err != nil {
			continue
		}
		if _, certificate := key.(*ssh.Certificate); certificate || len(options) > 0 {
			return publicKey{}, fault.New(fault.Invalid, "A public key is its type, its content and a comment; this one is a certificate or has options")
		}
		return publicKey{key, comment}, nil
	}
	return publicKey{}, fault.New(fault.Invalid, "The public key is not one that SSH can read: it begins with %.20q", text)
}

// spellings gives what the text may have been: itself, or what its escapes
// stand for, and of both with each '+' of the Base64 that has become a space
// put back.
func spellings(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		lines := []string{text}
		if unescaped, err := url.QueryUnescape(text); err == nil && unescaped != text {
			lines = append(lines, strings.TrimSpace(unescaped))
		}
		for _, line := range lines {
			if !yield(line) {
				return
			}
			words := strings.Fields(line)
			for end := 3; end <= len(words); end++ {
				if !yield(words[0] + " " + strings.Join(words[1:end], "+") + " " + strings.Join(words[end:], " ")) {
					return
				}
			}
		}
	}
}
