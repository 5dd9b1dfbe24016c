package api_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/api"
	"github.com/cairn-kvm/cairn/controller/command"
)

// whole checks that a reply is one JSON object with one key, or one XML
// document.
func whole(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		object(t, w)
		return
	}
	if err := wellFormed(w.Body.Bytes()); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
}

// FuzzRequest sends anything at all: the edge itself never fails, and always
// answers something that a client can read.
func FuzzRequest(f *testing.F) {
	f.Add("GET", listZones, "", "")
	f.Add("POST", "response=json", formType, listZones)
	f.Add("POST", "id=1&ID=2", formType+"; charset=UTF-8", signed("command=listZones", "id=1", "ID=2"))
	f.Add("PUT", "command=%zz&=&&;=%00%ff", "multipart/form-data", "\x00")
	f.Add("GET", "command=deployVirtualMachine&apiKey="+apiKey+"&signature=AAAA&signatureversion=3&expires=x", "", "")
	f.Add("GET", "command=%3Cx%3E&response=xml&details[0].%5B~*=~*", "", "")
	edge := api.New(api.Config{MaxBody: 1 << 16, MaxParams: 100}, calls{}, users{}, slog.New(slog.DiscardHandler), func(string, int, time.Duration) {})
	handler := edge.Handler()
	f.Fuzz(func(t *testing.T, method, query, contentType, body string) {
		r := httptest.NewRequest(http.MethodGet, "/client/api", strings.NewReader(body))
		r.Method, r.URL.RawQuery = method, query
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		whole(t, w)
		if w.Code >= 500 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}

// FuzzSignature signs anything as clients do: it is accepted, what reaches the
// command is what was signed, and one more character is refused.
func FuzzSignature(f *testing.F) {
	f.Add("name", "a b", "Details[0].Key", "~*")
	f.Add("", "", "é", "\U0001F600+%2B")
	f.Add("Zone", "[~]", "account", "*")
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		params := map[string]string{name1: value1, name2: value2, "command": "listZones", "apiKey": apiKey}
		if taken(name1) || taken(name2) || strings.EqualFold(name1, name2) ||
			slices.ContainsFunc([]string{name1, value1, name2, value2}, func(text string) bool { return !utf8.ValidString(text) }) {
			return
		}
		for clientName, c := range clients {
			var got map[string]string
			s := newSite(api.Config{}, recording(&got))
			query := c.form(params)
			w := s.do(http.MethodPost, "/client/api", formType, query)
			if w.Code != http.StatusOK || got[name1] != value1 || got[name2] != value2 {
				t.Fatalf("%s: %d %s, got %q", clientName, w.Code, w.Body, got)
			}
			if w := s.do(http.MethodPost, "/client/api", formType, query+"&"+url.QueryEscape(name1)+"="+url.QueryEscape(value1+"x")); w.Code != http.StatusUnauthorized {
				t.Fatalf("%s: changed: %d %s", clientName, w.Code, w.Body)
			}
		}
	})
}

// taken reports whether a parameter is not the command's, or the test's own.
func taken(name string) bool {
	return strings.ContainsAny(name, "&=%") || slices.Contains([]string{
		"command", "response", "apikey", "signature", "signatureversion", "expires", "sessionkey", "caller",
	}, strings.ToLower(name))
}

// FuzzXML turns any JSON object into a document, and nothing else into half of
// one.
func FuzzXML(f *testing.F) {
	f.Add(`{"a":[1,{"b":null,"c d":"\u0000<"}],"":{"":{}}}`)
	f.Add(`{"a":[[[]]],"1":1e999}`)
	f.Add(`{"a":1}{`)
	f.Add(`[{}]`)
	f.Fuzz(func(t *testing.T, body string) {
		s := newSite(api.Config{}, calls{func(context.Context, access.Caller, string, map[string]string) (command.Reply, error) {
			return command.Reply{Envelope: "listzonesresponse", Body: json.RawMessage(body)}, nil
		}})
		w := s.do(http.MethodGet, "/client/api?"+zonesInXML, "", "")
		whole(t, w)
		var members map[string]json.RawMessage
		isObject := json.Unmarshal([]byte(body), &members) == nil && members != nil
		if isObject && w.Code != http.StatusOK || !isObject && w.Code == http.StatusOK && json.Valid([]byte(body)) {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}

var zonesInXML = signed("command=listZones")
