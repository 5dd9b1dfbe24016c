package secret

import (
	"crypto/rand"
	"math/big"
)

// alphabet has no letters that look alike, and nothing that a shell, YAML or
// an unquoted guest script takes for its own.
const alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// Random makes a password of the length.
func Random(length int) Text {
	text := make([]byte, length)
	for i := range text {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil { // crypto/rand's reader never fails
			panic(err)
		}
		text[i] = alphabet[n.Int64()]
	}
	return New(string(text))
}
