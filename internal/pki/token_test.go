package pki_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/pki"
	"github.com/cairn-kvm/cairn/internal/secret"
)

func TestTokenComesBack(t *testing.T) {
	t.Parallel()
	made := pki.NewToken(newCA(t).Certificate())
	text := pki.FormatToken(made)
	if strings.Contains(fmt.Sprint(made, text), made.Secret.Reveal()) {
		t.Error("a token prints its secret")
	}
	read, err := pki.ParseToken(text.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if read.ID != made.ID || read.CADigest != made.CADigest || !read.Secret.Equal(made.Secret) {
		t.Errorf("%v came back as %v", made, read)
	}
	if !read.Opens(pki.HashSecret(made.Secret)) || read.Opens(pki.HashSecret(secret.New("other"))) {
		t.Error("the stored hash does not tell the token's secret from another")
	}
}

func TestTokensDiffer(t *testing.T) {
	t.Parallel()
	ca := newCA(t).Certificate()
	a, b := pki.NewToken(ca), pki.NewToken(ca)
	if a.ID == b.ID || a.Secret.Equal(b.Secret) {
		t.Error("two tokens are the same")
	}
}

func TestParseTokenRefuses(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("a", 64)
	for _, text := range []string{
		"", "cairn1", "cairn1.id.hunter2hunter2hunter2", "cairn2.id.hunter2hunter2hunter2." + digest,
		"cairn1..hunter2hunter2hunter2." + digest, "cairn1.id.hunter2." + digest, "cairn1.id.hunter2hunter2hunter2." + digest + "\n",
		"cairn1.id.hunter2hunter2hunter2." + digest[1:], "cairn1.id.hunter2hunter2.hunter2hunter2." + digest,
	} {
		_, err := pki.ParseToken(text)
		if !fault.Is(err, fault.Invalid) || strings.Contains(fmt.Sprint(err), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add("cairn1.id.hunter2hunter2hunter2." + strings.Repeat("a", 64))
	f.Fuzz(func(t *testing.T, text string) {
		token, err := pki.ParseToken(text)
		if err == nil && pki.FormatToken(token).Reveal() != text {
			t.Errorf("%q is not what was read", text)
		}
	})
}
