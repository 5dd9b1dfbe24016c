package auth

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/cairn-kvm/cairn/internal/secret"
)

// keyBytes is what CloudStack's keys hold: 86 characters in base64.
const keyBytes = 64

// NewKeys makes a pair: the API key names its user, the secret key signs.
func NewKeys() (apiKey, secretKey secret.Text) { return newKey(), newKey() }

func newKey() secret.Text {
	var key [keyBytes]byte
	_, _ = rand.Read(key[:]) // crypto/rand.Read never fails
	return secret.New(base64.RawURLEncoding.EncodeToString(key[:]))
}
