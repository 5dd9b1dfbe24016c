package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/internal/secret"
)

// TestNothingShowsIt prints, logs and marshals a secret in every way there is.
func TestNothingShowsIt(t *testing.T) {
	const content = "hunter2"
	hidden := secret.New(content)
	type holder struct {
		Password secret.Text
		Pointer  *secret.Text
	}
	value := holder{hidden, &hidden}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", hidden, "holder", value)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", hidden, "holder", value)
	asJSON, err := json.Marshal(map[string]any{"a": value, "b": []secret.Text{hidden}})
	if err != nil {
		t.Fatal(err)
	}
	asXML, err := xml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"v": fmt.Sprintf("%v %v", hidden, value), "+v": fmt.Sprintf("%+v %+v", hidden, value), "#v": fmt.Sprintf("%#v %#v", hidden, value),
		"s": fmt.Sprintf("%s %q %x", hidden, hidden, hidden), "d": fmt.Sprintf("%d", hidden),
		"String": hidden.String(), "log": log.String(), "json": string(asJSON), "xml": string(asXML),
		"error": fmt.Errorf("refused %v", hidden).Error(),
	} {
		if strings.Contains(text, content) || strings.Contains(text, fmt.Sprintf("%x", content)) {
			t.Errorf("%s shows it: %s", name, text)
		}
	}
	if hidden.Reveal() != content || !hidden.Equal(secret.New(content)) || hidden.Equal(secret.New("hunter3")) || hidden.Empty() {
		t.Error("its holder cannot use it")
	}
}

func TestRandom(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		password := secret.Random(16).Reveal()
		if len(password) != 16 || seen[password] || strings.ContainsAny(password, "0O1lI'\"\\ $`*?") {
			t.Fatalf("%q", password)
		}
		seen[password] = true
	}
}
