package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/secret"
)

// Key seals the secrets of the database: 32 bytes, kept in a file beside it,
// never in it.
type Key [32]byte

// NewKey makes a random key.
func NewKey() Key {
	var key Key
	_, _ = rand.Read(key[:]) // crypto/rand.Read never fails
	return key
}

// ReadKey reads the key from its file: base64 on one line.
func ReadKey(path string) (Key, error) {
	var key Key
	text, err := os.ReadFile(path)
	if err != nil {
		return key, err
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(raw) != len(key) {
		return key, fmt.Errorf("sealing key %s: not %d bytes in base64", path, len(key))
	}
	copy(key[:], raw)
	return key, nil
}

// Text is the form that [ReadKey] reads.
func (k Key) Text() secret.Text { return secret.New(base64.StdEncoding.EncodeToString(k[:])) }

// sealer is AES-256-GCM; a sealed value is nonce and ciphertext.
type sealer struct{ aead cipher.AEAD }

func newSealer(key Key) (sealer, error) {
	if key == (Key{}) {
		return sealer{}, errors.New("the sealing key is empty")
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return sealer{aead}, err
}

// Seal makes a secret ready to be kept. The empty secret stays empty.
func (s *Store) Seal(t secret.Text) resource.Sealed { return s.SealBytes([]byte(t.Reveal())) }

// SealBytes is [Store.Seal] for bytes.
func (s *Store) SealBytes(content []byte) resource.Sealed {
	if len(content) == 0 {
		return nil
	}
	return s.sealer.aead.Seal(nil, nil, content, nil)
}

// Unseal opens what Seal made.
func (s *Store) Unseal(sealed resource.Sealed) (secret.Text, error) {
	content, err := s.UnsealBytes(sealed)
	return secret.New(string(content)), err
}

// UnsealBytes is [Store.Unseal] for bytes.
func (s *Store) UnsealBytes(sealed resource.Sealed) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	content, err := s.sealer.aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, errors.New("unseal a secret: it was sealed with another key")
	}
	return content, nil
}
