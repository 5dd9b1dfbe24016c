package pki

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"regexp"

	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/secret"
)

// Token lets one host join: id and secret prove to the controller that the
// operator wants it, the digest proves to the host that it talks to the
// operator's controller. Its text is
//
//	cairn1.<id>.<secret>.<SHA-256 of the authority's certificate, hex>
type Token struct {
	ID       string
	Secret   secret.Text
	CADigest string // lower-case hex
}

var tokenForm = regexp.MustCompile(`^cairn1\.([0-9a-z]{1,64})\.([0-9A-Za-z_-]{16,128})\.([0-9a-f]{64})$`)

// NewToken makes a token with a random id (64 bits) and secret (256 bits).
// The controller keeps the id and [HashSecret] of the secret, no more.
func NewToken(ca *x509.Certificate) Token {
	var id [8]byte
	var random [32]byte
	rand.Read(id[:]) // never returns an error (crypto/rand since Go 1.24)
	rand.Read(random[:])
	return Token{
		ID:       hex.EncodeToString(id[:]),
		Secret:   secret.New(base64.RawURLEncoding.EncodeToString(random[:])),
		CADigest: Digest(ca),
	}
}

// ParseToken reads the text form. Its errors show nothing of the text.
func ParseToken(text string) (Token, error) {
	part := tokenForm.FindStringSubmatch(text)
	if part == nil {
		return Token{}, fault.New(fault.Invalid, "the join token is not of the form cairn1.<id>.<secret>.<digest>")
	}
	return Token{ID: part[1], Secret: secret.New(part[2]), CADigest: part[3]}, nil
}

// FormatToken gives the text form, which is secret as a whole.
func FormatToken(t Token) secret.Text {
	return secret.New("cairn1." + t.ID + "." + t.Secret.Reveal() + "." + t.CADigest)
}

// HashSecret is what to store of a token's secret: SHA-256, hex. The secret
// has 256 random bits, so that a slow hash would add nothing.
func HashSecret(s secret.Text) string {
	sum := sha256.Sum256([]byte(s.Reveal()))
	return hex.EncodeToString(sum[:])
}

// Opens reports, in constant time, whether the token's secret is the one
// whose hash was stored.
func (t Token) Opens(hash string) bool {
	return subtle.ConstantTimeCompare([]byte(HashSecret(t.Secret)), []byte(hash)) == 1
}
