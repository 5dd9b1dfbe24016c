package api_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/api"
	"github.com/cairn-kvm/cairn/controller/auth"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/logging"
	"github.com/cairn-kvm/cairn/internal/secret"
)

var (
	_ api.Calls = (*command.Catalog)(nil)
	_ api.Auth  = (*auth.Authenticator)(nil)
)

const (
	apiKey    = "the-api-key"
	secretKey = "the-secret-key"
)

var ann = access.Caller{UserID: "u1", UserName: "ann", AccountName: "acme"}

// calls is a catalogue of three commands.
type calls struct {
	call func(ctx context.Context, caller access.Caller, name string, params map[string]string) (command.Reply, error)
}

var known = map[string]*command.Command{
	"listZones":             {Info: command.Info{Name: "listZones"}},
	"deployVirtualMachine":  {Info: command.Info{Name: "deployVirtualMachine"}},
	"restoreVirtualMachine": {Info: command.Info{Name: "restoreVirtualMachine", Reply: "restorevmresponse"}},
}

func (calls) Find(name string) *command.Command { return known[name] }

func (c calls) Call(ctx context.Context, caller access.Caller, name string, params map[string]string) (command.Reply, error) {
	if known[name] == nil {
		return command.Reply{Envelope: command.ErrorEnvelope}, fault.New(fault.Unsupported, "The API [%s] does not exist", name)
	}
	if c.call == nil {
		return command.Reply{Envelope: known[name].Envelope(), Body: json.RawMessage(`{"success":true}`)}, nil
	}
	return c.call(ctx, caller, name, params)
}

// answering makes calls that all have one outcome.
func answering(body string, err error) calls {
	return calls{func(_ context.Context, _ access.Caller, name string, _ map[string]string) (command.Reply, error) {
		return command.Reply{Envelope: known[name].Envelope(), Body: json.RawMessage(body)}, err
	}}
}

// users knows one API key.
type users struct{}

func (users) Caller(_ context.Context, key string) (access.Caller, secret.Text, error) {
	switch key {
	case apiKey:
		return ann, secret.New(secretKey), nil
	case "broken":
		return access.Caller{}, secret.Text{}, errors.New("disk on fire")
	case "secretless":
		return ann, secret.Text{}, nil
	}
	return access.Caller{}, secret.Text{}, fault.New(fault.Unauthenticated, "nobody has this API key")
}

// site is an edge and what it left in its log and its metrics.
type site struct {
	*api.Edge
	log      *logBuffer
	mu       sync.Mutex
	observed []string // "<command> <code>"
}

type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newSite(cfg api.Config, c api.Calls) *site {
	s := &site{log: new(logBuffer)}
	log := logging.New(s.log, logging.Config{Level: slog.LevelDebug})
	s.Edge = api.New(cfg, c, users{}, log, func(command string, code int, took time.Duration) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.observed = append(s.observed, fmt.Sprintf("%s %d", command, code))
		if took <= 0 {
			s.observed = append(s.observed, "no time")
		}
	})
	return s
}

func (s *site) do(method, target, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// get sends a signed request for JSON.
func (s *site) get(params ...string) *httptest.ResponseRecorder {
	return s.do(http.MethodGet, "/client/api?"+signed(append(params, "response=json")...), "", "")
}

const formType = "application/x-www-form-urlencoded"

// signed gives a query with a good signature. Parameters are name=value, not
// encoded.
func signed(params ...string) string {
	return signedWith(sha1.New, goEncode, append(params, "apiKey="+apiKey)...)
}

func signedWith(algorithm func() hash.Hash, encode func(string) string, params ...string) string {
	slices.Sort(params)
	var query, text []string
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		query = append(query, url.QueryEscape(name)+"="+url.QueryEscape(value))
		text = append(text, name+"="+encode(value))
	}
	return strings.Join(query, "&") + "&signature=" + url.QueryEscape(mac(algorithm, strings.Join(text, "&")))
}

func mac(algorithm func() hash.Hash, text string) string {
	m := hmac.New(algorithm, []byte(secretKey))
	m.Write([]byte(strings.ToLower(text)))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// goEncode is how most clients encode a value.
func goEncode(value string) string {
	return strings.NewReplacer("+", "%20", "%2A", "*").Replace(url.QueryEscape(value))
}

type failure struct {
	UUIDs  []any  `json:"uuidList"`
	Code   int    `json:"errorcode"`
	CSCode int    `json:"cserrorcode"`
	Text   string `json:"errortext"`
}

// object gives the one key of a JSON reply and what stands under it.
func object(t testing.TB, w *httptest.ResponseRecorder) (string, json.RawMessage) {
	t.Helper()
	var reply map[string]json.RawMessage
	if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil || len(reply) != 1 {
		t.Fatalf("status %d, %d keys, %v: %s", w.Code, len(reply), err, w.Body)
	}
	for key, body := range reply {
		return key, body
	}
	return "", nil
}

// refusal reads an error reply and checks what all of them have in common.
func refusal(t testing.TB, w *httptest.ResponseRecorder) (envelope string, f failure) {
	t.Helper()
	envelope, body := object(t, w)
	if err := json.Unmarshal(body, &f); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	if f.Code != w.Code || f.CSCode == 0 || f.UUIDs == nil || f.Text == "" {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if got := w.Header().Get("X-Description"); got == "" || strings.ContainsAny(got, "\r\n") {
		t.Errorf("X-Description: %q", got)
	}
	return envelope, f
}

// wellFormed reads an XML document to its end.
func wellFormed(text []byte) error {
	in := xml.NewDecoder(bytes.NewReader(text))
	roots, depth := 0, 0
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			if roots != 1 {
				return fmt.Errorf("%d root elements", roots)
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			if depth++; depth == 1 {
				roots++
			}
		case xml.EndElement:
			depth--
		}
	}
}
