package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/api"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/logging"
)

func TestReplyInBothFormats(t *testing.T) {
	t.Parallel()
	const root = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<listzonesresponse cloud-stack-version="4.22.0.0">`
	for name, test := range map[string]struct{ body, xml string }{
		"nothing": {`{}`, ``},
		"a list": {
			`{"count":2,"zone":[{"id":"1","name":"a"},{"id":"2","name":"b"}]}`,
			`<count>2</count><zone><id>1</id><name>a</name></zone><zone><id>2</id><name>b</name></zone>`,
		},
		"the order is kept": {`{"z":1,"a":2,"m":{"y":3,"b":4}}`, `<z>1</z><a>2</a><m><y>3</y><b>4</b></m>`},
		"every type": {
			`{"t":true,"f":false,"n":null,"i":9223372036854775807,"d":1.50,"e":-1e+30,"s":""}`,
			`<t>true</t><f>false</f><i>9223372036854775807</i><d>1.50</d><e>-1e+30</e><s></s>`,
		},
		"arrays":       {`{"tag":["a","b"],"none":[],"hole":[null,1],"deep":[[1],[2,3]]}`, `<tag>a</tag><tag>b</tag><hole>1</hole><deep>1</deep><deep>2</deep><deep>3</deep>`},
		"empty object": {`{"details":{}}`, `<details></details>`},
		"mixed case":   {`{"virtualmachineIds":"x","vmSnapshot":{"forDisplay":true}}`, `<virtualmachineIds>x</virtualmachineIds><vmSnapshot><forDisplay>true</forDisplay></vmSnapshot>`},
		"escapes":      {`{"name":"<a href=\"x\">'&'</a>"}`, `<name>&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;&lt;/a&gt;</name>`},
		"JSON escapes": {`{"name":"\u003c\u00dc\ud83d\ude00\n"}`, `<name>&lt;Ü😀&#xA;</name>`},
		"no such characters in XML": {
			`{"name":"a\u0000b\u001bc\ufffed\ud800e"}`, "<name>a\ufffdb\ufffdc\ufffdd\ufffde</name>",
		},
		"keys that are no names": {
			`{"details":{"cpu number":"1","2nd":"2","a:b":"3","":"4","<x>":"5","Ü":"6","-":"7","xml.ok-1_":"8"}}`,
			`<details><cpu_number>1</cpu_number><_2nd>2</_2nd><a_b>3</a_b><_>4</_><_x_>5</_x_><_>6</_><_->7</_-><xml.ok-1_>8</xml.ok-1_></details>`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(api.Config{}, answering(test.body, nil))
			w := s.get("command=listZones")
			if want := `{"listzonesresponse":` + test.body + `}`; w.Code != 200 || w.Body.String() != want {
				t.Errorf("JSON: %d %s", w.Code, w.Body)
			}
			if got := w.Header().Get("Content-Type"); got != "application/json; charset=UTF-8" {
				t.Errorf("JSON is %s", got)
			}
			w = s.do("GET", "/client/api?"+signed("command=listZones"), "", "")
			if want := root + test.xml + "</listzonesresponse>"; w.Code != 200 || w.Body.String() != want {
				t.Errorf("XML: %d\ngot  %s\nwant %s", w.Code, w.Body, want)
			}
			if got := w.Header().Get("Content-Type"); got != "text/xml; charset=UTF-8" {
				t.Errorf("XML is %s", got)
			}
			if err := wellFormed(w.Body.Bytes()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhichFormat(t *testing.T) {
	t.Parallel()
	s := newSite(api.Config{}, calls{})
	for response, want := range map[string]string{
		"json": "application/json", "JSON": "application/json", "xml": "text/xml", "": "text/xml", "yaml": "text/xml",
	} {
		w := s.do("GET", "/client/api/?"+signed("command=listZones", "response="+response), "", "")
		if got := w.Header().Get("Content-Type"); w.Code != 200 || !strings.HasPrefix(got, want) {
			t.Errorf("%q: %d %s", response, w.Code, got)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(api.Config{}, calls{})
	ids := map[string]bool{}
	for range 2 {
		for _, target := range []string{"/client/api?" + signed("command=listZones"), "/client/api", "/healthz", "/nowhere"} {
			header := s.do("GET", target, "", "").Header()
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "X-XSS-Protection": "1;mode=block", "Cache-Control": "no-store",
				"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Content-Encoding": "",
			} {
				if got := header.Get(name); got != want {
					t.Errorf("%s: %s is %q", target, name, got)
				}
			}
			ids[header.Get("X-Request-Id")] = true
		}
	}
	if len(ids) != 8 || ids[""] {
		t.Errorf("request ids: %v", ids)
	}
}

func TestFaultsOfCommands(t *testing.T) {
	t.Parallel()
	secret := errors.New("password=hunter2 in /var/lib")
	for name, test := range map[string]struct {
		err          error
		code, cscode int
		text         string
		level        string
	}{
		"invalid":     {fault.New(fault.Invalid, "page 0"), 431, 4350, "page 0", "DEBUG"},
		"not found":   {fault.New(fault.NotFound, "no VM"), 431, 4350, "no VM", "DEBUG"},
		"conflict":    {fmt.Errorf("start: %w", fault.New(fault.Conflict, "VM is running")), 431, 4350, "VM is running", "DEBUG"},
		"malformed":   {fault.New(fault.Malformed, "bad map"), 430, 9999, "bad map", "DEBUG"},
		"denied":      {fault.New(fault.Denied, "not yours"), 531, 4365, "not yours", "INFO"},
		"unsupported": {fault.New(fault.Unsupported, "no GPU"), 432, 9999, "no GPU", "DEBUG"},
		"throttled":   {fault.New(fault.Throttled, "slow down"), 429, 4545, "slow down", "DEBUG"},
		"limit":       {fault.New(fault.Limit, "20 VMs"), 535, 4370, "20 VMs", "INFO"},
		"no capacity": {fault.Wrap(fault.NoCapacity, secret, "no host has 4 GiB"), 533, 4325, "no host has 4 GiB", "INFO"},
		"unavailable": {fault.Wrap(fault.Unavailable, secret, "host h1 is away"), 534, 4380, "host h1 is away", "INFO"},
		"timeout":     {context.DeadlineExceeded, 530, 4560, "the operation took longer than its deadline", "INFO"},
		"several lines": {
			fault.New(fault.Invalid, "one\r\ntwo: Ü\x00%s", strings.Repeat("x", 1000)), 431, 4350, "one\r\ntwo: Ü\x00" + strings.Repeat("x", 1000), "DEBUG",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(api.Config{}, answering("", test.err))
			w := s.get("command=listZones")
			envelope, f := refusal(t, w)
			if w.Code != test.code || f.CSCode != test.cscode || f.Text != test.text || envelope != "listzonesresponse" {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if got := len(w.Header().Get("X-Description")); got > 512 {
				t.Errorf("X-Description has %d bytes", got)
			}
			if log := s.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "level="+test.level) {
				t.Errorf("log: %s", log)
			}
			w = s.do("GET", "/client/api?"+signed("command=listZones"), "", "")
			if err := wellFormed(w.Body.Bytes()); err != nil || w.Code != test.code {
				t.Errorf("XML: %d, %v: %s", w.Code, err, w.Body)
			}
		})
	}
}

func TestErrorInXML(t *testing.T) {
	t.Parallel()
	s := newSite(api.Config{}, answering("", fault.New(fault.Invalid, "1 < 2")))
	w := s.do("GET", "/client/api?"+signed("command=restoreVirtualMachine"), "", "")
	const want = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<restorevmresponse cloud-stack-version="4.22.0.0">` +
		`<errorcode>431</errorcode><cserrorcode>4350</cserrorcode><errortext>1 &lt; 2</errortext></restorevmresponse>`
	if w.Code != 431 || w.Body.String() != want {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// An internal error shows a reference to its client and itself to the
// operator, once, under the same reference.
func TestInternalErrors(t *testing.T) {
	t.Parallel()
	bare := errors.New("password table is gone")
	for name, test := range map[string]struct {
		calls    calls
		response string
		logs     []string
	}{
		"bare error": {answering("", bare), "json", []string{"password table is gone"}},
		"fault":      {answering("", fault.Wrap(fault.Internal, bare, "cannot do it")), "json", []string{"cannot do it: password table is gone"}},
		"of no kind": {answering("", fault.New(fault.None, "password")), "json", []string{"password"}},
		"panic": {calls{func(context.Context, access.Caller, string, map[string]string) (command.Reply, error) {
			panic("password")
		}}, "", []string{"panic: password", "stack=", "reply_test.go"}},
		"broken body": {answering(`{"a":`, nil), "xml", []string{"EOF"}},
		"no object":   {answering(`["a"]`, nil), "xml", []string{"not with an object"}},
		"two objects": {answering(`{}{}`, nil), "xml", []string{"goes on with {"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(api.Config{}, test.calls)
			w := s.do("GET", "/client/api?"+signed("command=listZones", "response="+test.response), "", "")
			id := w.Header().Get("X-Request-Id")
			if body := w.Body.String(); w.Code != 530 || !strings.Contains(body, "internal error, reference "+id) ||
				strings.Contains(body, "password") || !strings.Contains(body, "listzonesresponse") {
				t.Errorf("%d %s", w.Code, body)
			}
			log := s.log.String()
			if strings.Count(log, "level=ERROR") != 1 || strings.Count(log, "\n") != 1 || !strings.Contains(log, "request="+id) {
				t.Errorf("log: %s", log)
			}
			for _, want := range append(test.logs, "caller=u1", "command=listZones") {
				if !strings.Contains(log, want) {
					t.Errorf("the log does not say %q: %s", want, log)
				}
			}
			if got := fmt.Sprint(s.observed); got != "[listZones 530]" {
				t.Errorf("observed %s", got)
			}
		})
	}
}

func TestAuthenticatorThatFailsIsNotARefusal(t *testing.T) {
	t.Parallel()
	s := newSite(api.Config{}, calls{})
	w := s.do("GET", "/client/api?command=listZones&response=json&apiKey=broken&signature=x", "", "")
	if w.Code != 530 || strings.Contains(w.Body.String(), "fire") || !strings.Contains(s.log.String(), "disk on fire") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestUnknownCommandOfAKnownCaller(t *testing.T) {
	t.Parallel()
	s := newSite(api.Config{}, calls{})
	w := s.get("command=listzones") // names are case-sensitive
	if envelope, f := refusal(t, w); w.Code != 432 || envelope != "errorresponse" || f.Text != "The API [listzones] does not exist" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	s.get("command=listZones")
	s.do("GET", "/client/api?command=restoreVirtualMachine", "", "")
	s.do("GET", "/client/api?command=drop%20table", "", "")
	if got := fmt.Sprint(s.observed); got != "[unknown 432 listZones 200 restoreVirtualMachine 401 unknown 401]" {
		t.Errorf("observed %s", got)
	}
}

func TestLogHasNoParameters(t *testing.T) {
	t.Parallel()
	quotes := calls{func(_ context.Context, _ access.Caller, name string, params map[string]string) (command.Reply, error) {
		return command.Reply{Envelope: known[name].Envelope()}, fault.New(fault.Invalid, "invalid value %s", params["password"])
	}}
	for _, c := range []calls{{}, quotes} {
		s := newSite(api.Config{}, c)
		s.get("command=listZones", "password=hunter2")
		s.do("GET", "/client/api?command=hunter2&password=hunter2&hunter2=%", "", "")
		log := s.log.String()
		if strings.Count(log, "\n") != 2 || !regexp.MustCompile(`command=listZones code=(200|431) took=\S+ from=192.0.2.1:1234 caller=u1 request=\w{26}`).MatchString(log) {
			t.Errorf("log: %s", log)
		}
		for _, leak := range []string{"hunter2", secretKey, apiKey} {
			if strings.Contains(log, leak) {
				t.Errorf("the log says %s: %s", leak, log)
			}
		}
	}
}

// What a command logs bears the id of its request.
func TestContextOfTheCommand(t *testing.T) {
	t.Parallel()
	var facts string
	s := newSite(api.Config{}, calls{func(ctx context.Context, _ access.Caller, name string, _ map[string]string) (command.Reply, error) {
		facts = fmt.Sprint(logging.Facts(ctx))
		return command.Reply{Envelope: known[name].Envelope(), Body: []byte(`{}`)}, nil
	}})
	w := s.get("command=listZones")
	if want := "[request=" + w.Header().Get("X-Request-Id") + " caller=u1 command=listZones]"; facts != want {
		t.Errorf("got %s, want %s", facts, want)
	}
}

func TestSlowCommandIsStopped(t *testing.T) {
	t.Parallel()
	s := newSite(api.Config{CallTimeout: time.Millisecond}, calls{func(ctx context.Context, _ access.Caller, name string, _ map[string]string) (command.Reply, error) {
		<-ctx.Done()
		return command.Reply{Envelope: known[name].Envelope()}, errors.New("statement interrupted")
	}})
	w := s.get("command=listZones")
	if _, f := refusal(t, w); w.Code != 530 || f.Text != "the command took longer than 1ms" || f.CSCode != 4560 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestOtherAddresses(t *testing.T) {
	t.Parallel()
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "cairn_up 1") })
	sick := errors.New("locked")
	s := newSite(api.Config{Metrics: metrics}, calls{})
	ill := newSite(api.Config{Ping: func(context.Context) error { return sick }}, calls{})
	for name, test := range map[string]struct {
		site   *site
		target string
		code   int
		body   string
	}{
		"health":     {s, "/healthz", 200, "ok\n"},
		"sick":       {ill, "/healthz", 503, "the database does not answer\n"},
		"metrics":    {s, "/metrics", 200, "cairn_up 1"},
		"no metrics": {ill, "/metrics", 404, `{"errorresponse":{"uuidList":[],"errorcode":404,"cserrorcode":9999,"errortext":"there is nothing here; the API is at /client/api"}}`},
		"nothing":    {s, "/client", 404, `{"errorresponse":{"uuidList":[],"errorcode":404,"cserrorcode":9999,"errortext":"there is nothing here; the API is at /client/api"}}`},
		"below":      {s, "/client/api/x?" + signed("command=listZones", "response=json"), 200, `{"listzonesresponse":{"success":true}}`},
	} {
		if w := test.site.do("GET", test.target, "", ""); w.Code != test.code || w.Body.String() != test.body {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if log := ill.log.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, "err=locked") {
		t.Errorf("log: %s", log)
	}
}
