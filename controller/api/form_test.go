package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/api"
	"github.com/cairn-kvm/cairn/controller/command"
)

// recording keeps what reached the command.
func recording(got *map[string]string) calls {
	return calls{func(_ context.Context, caller access.Caller, name string, params map[string]string) (command.Reply, error) {
		*got = params
		(*got)["caller"] = string(caller.UserID)
		return command.Reply{Envelope: known[name].Envelope(), Body: json.RawMessage(`{}`)}, nil
	}}
}

// signedForm signs what the server makes of a query and a body.
func signedForm(merged ...string) string {
	_, signature, _ := strings.Cut(signed(merged...), "signature=")
	return "&apiKey=" + apiKey + "&signature=" + signature
}

func TestParameters(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method, query, body string
		signs               []string
		want                map[string]string
	}{
		"GET": {
			"GET", "command=listZones&name=a%20b+c&keyword=", "",
			[]string{"command=listZones", "name=a b c", "keyword="},
			map[string]string{"name": "a b c", "keyword": ""},
		},
		"POST": {
			"POST", "", "command=listZones&name=%C3%9Cnal",
			[]string{"command=listZones", "name=Ünal"},
			map[string]string{"name": "Ünal"},
		},
		"the query overrides the body": {
			"POST", "name=query", "command=listZones&name=body&id=1",
			[]string{"command=listZones", "name=query", "id=1"},
			map[string]string{"name": "query", "id": "1"},
		},
		"the body of a GET is not read": {
			"GET", "command=listZones", "name=body", []string{"command=listZones"}, map[string]string{},
		},
		"the last duplicate wins": {
			"GET", "command=listZones&id=1&id=2", "", []string{"command=listZones", "id=2"}, map[string]string{"id": "2"},
		},
		"the last spelling wins": {
			"GET", "command=listZones&id=1&ID=2", "", []string{"command=listZones", "id=1", "ID=2"}, map[string]string{"ID": "2"},
		},
		"the query's spelling wins": {
			"POST", "id=1", "command=listZones&ID=2", []string{"command=listZones", "id=1", "ID=2"}, map[string]string{"id": "1"},
		},
		"a name without = is none": {
			"GET", "command=listZones&debug&&=&x", "", []string{"command=listZones", "="}, map[string]string{"": ""},
		},
		"the edge's own parameters in any case": {
			"GET", "COMMAND=listZones&Response=JSON&SessionKey=x&SignatureVersion=1&Expires=never&_=1", "",
			[]string{"COMMAND=listZones", "Response=JSON", "SessionKey=x", "SignatureVersion=1", "Expires=never", "_=1"},
			map[string]string{"_": "1"},
		},
		"maps keep their spelling": {
			"GET", "command=listZones&details%5B0%5D.cpuNumber=2&details[1].Key=k", "",
			[]string{"command=listZones", "details[0].cpuNumber=2", "details[1].Key=k"},
			map[string]string{"details[0].cpuNumber": "2", "details[1].Key": "k"},
		},
		"semicolons are text": {
			"GET", "command=listZones&name=a;b=c", "", []string{"command=listZones", "name=a;b=c"}, map[string]string{"name": "a;b=c"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[string]string{}
			s := newSite(api.Config{}, recording(&got))
			signature := signedForm(test.signs...)
			w := s.do(test.method, "/client/api?"+test.query+signature, formType+"; charset=UTF-8", test.body)
			test.want["caller"] = "u1"
			if w.Code != http.StatusOK || !reflect.DeepEqual(got, test.want) {
				t.Errorf("%d %s\ngot  %v\nwant %v", w.Code, w.Body, got, test.want)
			}
		})
	}
}

func TestBrokenRequests(t *testing.T) {
	t.Parallel()
	const json = "&response=json"
	for name, test := range map[string]struct {
		method, query, contentType, body string
		code                             int
		text                             string
	}{
		"nothing at all":      {"GET", "", "", "", 432, "Invalid request, no command sent"},
		"no command":          {"GET", "x=1" + json, "", "", 400, "no command specified"},
		"empty command":       {"GET", "command=" + json, "", "", 400, "no command specified"},
		"endless command":     {"GET", "command=" + strings.Repeat("x", 256) + json, "", "", 431, "Value greater than max allowed length 255 for param: command"},
		"broken value":        {"GET", "command=listZones&name=%zz" + json, "", "", 431, `parameter "name" cannot be decoded: a % is not followed by two hexadecimal digits`},
		"broken name":         {"GET", "command=listZones&na%2=x" + json, "", "", 431, `parameter "na%2" cannot be decoded: a % is not followed by two hexadecimal digits`},
		"broken at the end":   {"GET", "command=listZones" + json + "&name=%", "", "", 431, `parameter "name" cannot be decoded: a % is not followed by two hexadecimal digits`},
		"not UTF-8":           {"GET", "command=listZones&name=%ff" + json, "", "", 431, `parameter "name" cannot be decoded: it is not UTF-8`},
		"name in a name":      {"GET", "command=listZones&a%3D1%26b=2" + json, "", "", 431, `parameter "a=1&b": a name cannot have &, = or % in it`},
		"name not UTF-8":      {"GET", "command=listZones&%ff=x" + json, "", "", 431, `parameter "%ff" cannot be decoded: it is not UTF-8`},
		"broken in the body":  {"POST", json, formType, "command=listZones&x=%", 431, `parameter "x" cannot be decoded: a % is not followed by two hexadecimal digits`},
		"too many parameters": {"GET", "command=listZones" + json + strings.Repeat("&a=1", 9), "", "", 431, "the request has more than 10 parameters"},
		"long body":           {"POST", json, formType, "command=listZones&x=" + strings.Repeat("x", 1000), 413, "the request body is longer than 1000 bytes"},
		"JSON body":           {"POST", json, "application/json", `{"command":"listZones"}`, 431, "the request body must be of type application/x-www-form-urlencoded"},
		"untyped body":        {"POST", json, "", "command=listZones", 431, "the request body must be of type application/x-www-form-urlencoded"},
		"multipart body":      {"POST", json, "multipart/form-data; boundary=x", "--x--", 431, "the request body must be of type application/x-www-form-urlencoded"},
		"PUT":                 {"PUT", "command=listZones" + json, "", "", 405, `the API is called by GET or POST, not by "PUT"`},
		"HEAD":                {"HEAD", "command=listZones" + json, "", "", 405, `the API is called by GET or POST, not by "HEAD"`},
		"DELETE in a hurry":   {"DELETE", json, "", "", 405, `the API is called by GET or POST, not by "DELETE"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(api.Config{MaxParams: 10, MaxBody: 1000}, calls{})
			w := s.do(test.method, "/client/api?"+test.query, test.contentType, test.body)
			if w.Code != test.code {
				t.Fatalf("got %d, want %d: %s", w.Code, test.code, w.Body)
			}
			if strings.Contains(test.query, json) {
				if _, f := refusal(t, w); f.Text != test.text {
					t.Errorf("got  %s\nwant %s", f.Text, test.text)
				}
			} else if err := wellFormed(w.Body.Bytes()); err != nil || !strings.Contains(w.Body.String(), "<errortext>"+test.text) {
				t.Errorf("%v: %s", err, w.Body)
			}
			if allow := w.Header().Get("Allow"); (test.code == 405) != (allow == "GET, POST") {
				t.Errorf("Allow: %q", allow)
			}
		})
	}
}

// A body with a type of its own is refused only when there is one.
func TestEmptyBodyNeedsNoType(t *testing.T) {
	t.Parallel()
	s := newSite(api.Config{}, calls{})
	for _, contentType := range []string{"", "application/json", "rubbish;;"} {
		if w := s.do("POST", "/client/api?"+signed("command=listZones"), contentType, ""); w.Code != http.StatusOK {
			t.Errorf("%q: %d %s", contentType, w.Code, w.Body)
		}
	}
}

func TestLargeUserDataPasses(t *testing.T) {
	t.Parallel()
	var got map[string]string
	s := newSite(api.Config{}, recording(&got))
	// 1 MiB in base64, with as many characters to escape as random bytes give.
	userData := strings.Repeat(strings.Repeat("abcdefghijklmno", 2)+"+/", 1<<20*4/3/32)
	w := s.do("POST", "/client/api", formType, signed("command=deployVirtualMachine", "userdata="+userData))
	if w.Code != http.StatusOK || got["userdata"] != userData {
		t.Errorf("%d, %d bytes of %d arrived, form of %d bytes", w.Code, len(got["userdata"]), len(userData), len(url.QueryEscape(userData)))
	}
}
