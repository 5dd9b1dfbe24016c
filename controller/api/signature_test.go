package api_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apache/cloudstack-go/v2/cloudstack"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/api"
	"github.com/cairn-kvm/cairn/internal/logging"
	"github.com/cairn-kvm/cairn/internal/secret"
)

// vectorUsers has the key pair of the published test vectors.
type vectorUsers struct{}

func (vectorUsers) Caller(context.Context, string) (access.Caller, secret.Text, error) {
	return ann, secret.New("secret"), nil
}

func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	edge := api.New(api.Config{}, calls{}, vectorUsers{}, logging.New(t.Output(), logging.Config{}), func(string, int, time.Duration) {})
	s := &site{Edge: edge}
	for name, test := range map[string]struct {
		signature string
		want      int
	}{
		"SHA-1":           {"tcMI1Kpm20pLhrrVYtCCcualuBU=", 200},
		"SHA-256":         {"5EMDp19ZOxcaYL5G8MCt/P2KcIgMOAgdrSEHYamWLEU=", 200},
		"SHA-512":         {"/JUUf9SPvNd0sjdbfIxsCxYItNUlGauI+T71cOhHd5fYffHuVAXIba9RzFBK+empezGCzlhw4+R9LFri3CG+oQ==", 200},
		"one bit off":     {"tcMI1Kpm20pLhrrVYtCCcualuBQ=", 401},
		"cut short":       {"tcMI1Kpm20pLhrrVYtCCcualuA==", 401},
		"in another case": {"TCMI1KPM20PLHRRVYTCCCUALUBU=", 401},
		"no base64":       {"tcMI1Kpm20pLhrrVYtCCcualuB!=", 401},
		"without padding": {"tcMI1Kpm20pLhrrVYtCCcualuBU", 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := s.do(http.MethodGet, "/client/api?command=listZones&response=json&apiKey=abc&signature="+url.QueryEscape(test.signature), "", "")
			if w.Code != test.want {
				t.Errorf("got %d, want %d: %s", w.Code, test.want, w.Body)
			}
		})
	}
}

// client signs as a client does that is in use.
type client struct {
	name  func(string) string
	value func(string) string
	order func(string) string // what it sorts by
}

var clients = map[string]client{
	"CloudStack's Java": {value: func(v string) string {
		return strings.NewReplacer("+", "%20", "%2A", "*", "~", "%7E").Replace(url.QueryEscape(v))
	}},
	"the Go SDK, cmk, Python's cs": {value: goEncode},
	"plain Go": {value: func(v string) string {
		return strings.ReplaceAll(url.QueryEscape(v), "+", "%20")
	}},
	"Java's encoder in Go": {value: func(v string) string {
		return strings.NewReplacer("+", "%20", "~", "%7E").Replace(url.QueryEscape(v))
	}},
	"the documentation": {value: goEncode, order: strings.ToLower},
	"encoded brackets": {value: goEncode, name: func(n string) string {
		return strings.NewReplacer("[", "%5B", "]", "%5D").Replace(n)
	}},
	"all differences": {
		value: func(v string) string { return strings.NewReplacer("+", "%20", "~", "%7E").Replace(url.QueryEscape(v)) },
		name:  func(n string) string { return strings.NewReplacer("[", "%5b", "]", "%5d").Replace(n) },
		order: strings.ToLower,
	},
}

func (c client) sign(algorithm func() hash.Hash, params map[string]string) string {
	same := func(s string) string { return s }
	if c.order == nil {
		c.order = same
	}
	if c.name == nil {
		c.name = same
	}
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(c.order(a), c.order(b)) })
	var text []string
	for _, name := range names {
		text = append(text, c.name(name)+"="+c.value(params[name]))
	}
	return mac(algorithm, strings.Join(text, "&"))
}

// form gives the parameters with their signature, encoded.
func (c client) form(params map[string]string) string {
	values := url.Values{"signature": {c.sign(sha1.New, params)}}
	for name, value := range params {
		values.Set(name, value)
	}
	return values.Encode()
}

// tricky has what clients write differently, and names whose order depends on
// their case.
var tricky = map[string]string{
	"command": "deployVirtualMachine", "apiKey": apiKey, "response": "json", "account": "Ünal & Söhne",
	"signatureVersion": "1", "Zone": "a~b*c", "details[0].cpuNumber": "2", "details[1].Key": "[x]~*",
	"userdata": "I2Nsb3VkLWNvbmZpZwo+/w==", "name": "a b+c%20d", "empty": "", "snow": "☃\t\n", "quote": `'"!()`,
}

func TestEveryClientsSignatureIsAccepted(t *testing.T) {
	t.Parallel()
	s := newSite(api.Config{}, calls{})
	for clientName, c := range clients {
		for hashName, algorithm := range map[string]func() hash.Hash{"SHA-1": sha1.New, "SHA-256": sha256.New, "SHA-512": sha512.New} {
			t.Run(clientName+" "+hashName, func(t *testing.T) {
				t.Parallel()
				values := url.Values{"signature": {c.sign(algorithm, tricky)}}
				for name, value := range tricky {
					values.Set(name, value)
				}
				if w := s.do(http.MethodGet, "/client/api?"+values.Encode(), "", ""); w.Code != http.StatusOK {
					t.Errorf("by GET: %d %s", w.Code, w.Body)
				}
				if w := s.do(http.MethodPost, "/client/api/", formType, values.Encode()); w.Code != http.StatusOK {
					t.Errorf("by POST: %d %s", w.Code, w.Body)
				}
				for name := range tricky {
					changed := maps.Clone(values)
					changed.Set(name, values.Get(name)+"x")
					if w := s.do(http.MethodGet, "/client/api?"+changed.Encode(), "", ""); w.Code != http.StatusUnauthorized {
						t.Errorf("with another %s: %d %s", name, w.Code, w.Body)
					}
				}
				values.Set("added", "x")
				if w := s.do(http.MethodPost, "/client/api", formType, values.Encode()); w.Code != http.StatusUnauthorized {
					t.Errorf("with one more parameter: %d %s", w.Code, w.Body)
				}
			})
		}
	}
}

// The SDK's own encoder, so that the edge is not only checked against ours.
func TestSDKEncoder(t *testing.T) {
	t.Parallel()
	values := url.Values{}
	for name, value := range tricky {
		values.Set(name, value)
	}
	values.Set("signature", mac(sha1.New, cloudstack.EncodeValues(values)))
	s := newSite(api.Config{}, calls{})
	if w := s.do(http.MethodPost, "/client/api", formType, values.Encode()); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		params []string
		want   int
	}{
		"no version":                    {nil, 200},
		"no version, long past":         {[]string{"expires=1999-12-31T00:00:00Z"}, 200},
		"version 2, long past":          {[]string{"signatureVersion=2", "expires=1999-12-31T00:00:00Z"}, 200},
		"Z":                             {[]string{"signatureVersion=3", "expires=2000-01-01T00:10:00Z"}, 200},
		"any case of the names":         {[]string{"SIGNATUREVERSION=3", "EXPIRES=2000-01-01T00:10:00Z"}, 200},
		"offset without colon":          {[]string{"signatureversion=3", "expires=2000-01-01T00:10:00+0000"}, 200},
		"offset with colon":             {[]string{"signatureversion=3", "expires=2000-01-01T05:40:00+05:30"}, 200},
		"fraction":                      {[]string{"signatureversion=3", "expires=2000-01-01T00:00:00.001Z"}, 200},
		"fraction, no colon":            {[]string{"signatureversion=3", "expires=2000-01-01T05:30:00.250+0530"}, 200},
		"the very moment":               {[]string{"signatureversion=3", "expires=2000-01-01T00:00:00Z"}, 401},
		"past":                          {[]string{"signatureversion=3", "expires=1999-12-31T23:59:59Z"}, 401},
		"past by its offset":            {[]string{"signatureversion=3", "expires=2000-01-01T05:29:59+05:30"}, 401},
		"past by its offset, no colon":  {[]string{"signatureversion=3", "expires=2000-01-01T05:29:59+0530"}, 401},
		"missing":                       {[]string{"signatureversion=3"}, 401},
		"empty":                         {[]string{"signatureversion=3", "expires="}, 401},
		"no date":                       {[]string{"signatureversion=3", "expires=tomorrow"}, 401},
		"seconds since 1970":            {[]string{"signatureversion=3", "expires=4102444800"}, 401},
		"two spellings, the later past": {[]string{"signatureversion=3", "EXPIRES=2001-01-01T00:00:00Z", "expires=1999-12-31T00:00:00Z"}, 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // it is 2000-01-01T00:00:00Z
				s := newSite(api.Config{}, calls{})
				w := s.get(append(test.params, "command=listZones")...)
				if w.Code != test.want {
					t.Errorf("got %d, want %d: %s", w.Code, test.want, w.Body)
				}
			})
		})
	}
}

func TestSignatureInAnyCase(t *testing.T) {
	t.Parallel()
	query := strings.Replace(signed("command=listZones"), "&signature=", "&Signature=", 1)
	if w := newSite(api.Config{}, calls{}).do("GET", "/client/api?"+query, "", ""); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Names are signed as they are. Who has seen a request whose signature expires
// must not be able to send it for ever, with the expiry hidden in a name.
func TestExpiryCannotBeHidden(t *testing.T) {
	t.Parallel()
	text := "apikey=" + apiKey + "&command=listzones&expires=2000-01-01t00%3a00%3a00z&response=json&signatureversion=3"
	signature := url.QueryEscape(mac(sha1.New, text))
	s := newSite(api.Config{}, calls{})
	for name, query := range map[string]string{
		"as it was": "apiKey=" + apiKey + "&command=listZones&expires=2000-01-01T00:00:00Z&response=json&signatureversion=3",
		"hidden": "apiKey=" + apiKey + "&command=listZones" +
			"&expires%3D2000-01-01T00%253A00%253A00Z%26response%3Djson%26signatureversion=3",
	} {
		if w := s.do("GET", "/client/api?"+query+"&signature="+signature, "", ""); w.Code == http.StatusOK {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
}

func emptyKeySignature(text string) string {
	m := hmac.New(sha1.New, nil)
	m.Write([]byte(text))
	return url.QueryEscape(base64.StdEncoding.EncodeToString(m.Sum(nil)))
}

func TestWhoDidNotSignIsToldOneThing(t *testing.T) {
	t.Parallel()
	good := signed("command=listZones", "response=json")
	for name, test := range map[string]struct{ query, logs string }{
		"nothing":          {"command=listZones&response=json", "the request is not signed"},
		"no signature":     {"command=listZones&response=json&apiKey=" + apiKey, "the request is not signed"},
		"no key":           {"command=listZones&response=json&signature=tcMI1Kpm20pLhrrVYtCCcualuBU=", "the request is not signed"},
		"endless key":      {"command=listZones&response=json&signature=x&apiKey=" + strings.Repeat("k", 300), "the request is not signed"},
		"unknown key":      {"command=listZones&response=json&signature=x&apiKey=other", "nobody has this API key"},
		"empty secret":     {"command=listZones&response=json&apiKey=secretless&signature=" + emptyKeySignature("apikey=secretless&command=listzones&response=json"), "user u1 did not sign this request"},
		"wrong signature":  {good + "x", "user u1 did not sign this request"},
		"changed":          {good + "&zone=other", "user u1 did not sign this request"},
		"session key only": {"command=listZones&response=json&sessionkey=abc", "the request is not signed"},
		"expired":          {signed("command=listZones", "response=json", "signatureversion=3", "expires=2001-01-01T00:00:00Z"), "the signature expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(api.Config{}, calls{})
			w := s.do(http.MethodGet, "/client/api?"+test.query, "", "")
			envelope, f := refusal(t, w)
			if w.Code != 401 || envelope != "listzonesresponse" || f.Text != "unable to verify user credentials and/or request signature" || f.CSCode != 4290 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if log := s.log.String(); !strings.Contains(log, test.logs) || !strings.Contains(log, "level=DEBUG") {
				t.Errorf("the operator reads: %s", log)
			}
		})
	}
	t.Run("unknown command", func(t *testing.T) {
		t.Parallel()
		s := newSite(api.Config{}, calls{})
		w := s.do(http.MethodGet, "/client/api?command=dropAllTables&response=json", "", "")
		if envelope, _ := refusal(t, w); w.Code != 401 || envelope != "errorresponse" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
