package api_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/api"
	"github.com/cairn-kvm/cairn/controller/command"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a site that listens.
type server struct {
	*site
	address string
	stop    func()
	done    chan error
	client  *http.Client
}

func serve(t *testing.T, cfg api.Config, c api.Calls) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	s := &server{newSite(cfg, c), listener.Addr().String(), stop, make(chan error, 1), &http.Client{Transport: transport}}
	go func() { s.done <- s.Serve(ctx, listener) }()
	return s
}

func (s *server) end(t *testing.T) {
	t.Helper()
	s.stop()
	if err := <-s.done; err != nil {
		t.Error(err)
	}
}

// fetch gives status and body, or the error, in one line.
func (s *server) fetch(ctx context.Context, query string) string {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/client/api?"+query, nil)
	if err != nil {
		return err.Error()
	}
	reply, err := s.client.Do(r)
	if err != nil {
		return err.Error()
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	return fmt.Sprint(reply.StatusCode, " ", string(body), err)
}

// blocking gives a command that runs until it is released or cancelled.
func blocking() (c calls, begun, release chan struct{}) {
	begun, release = make(chan struct{}), make(chan struct{})
	return calls{func(ctx context.Context, _ access.Caller, name string, _ map[string]string) (command.Reply, error) {
		begun <- struct{}{}
		select {
		case <-release:
			return command.Reply{Envelope: known[name].Envelope(), Body: []byte(`{}`)}, nil
		case <-ctx.Done():
			return command.Reply{Envelope: known[name].Envelope()}, ctx.Err()
		}
	}}, begun, release
}

var listZones = signed("command=listZones", "response=json")

func TestStopLetsRequestsEnd(t *testing.T) {
	t.Parallel()
	c, begun, release := blocking()
	s := serve(t, api.Config{}, c)
	reply := make(chan string)
	go func() { reply <- s.fetch(t.Context(), listZones) }()
	<-begun
	s.stop()
	for refused := false; !refused; { // the listener closes at once, while the request still runs
		conn, err := net.Dial("tcp", s.address)
		if refused = err != nil; !refused {
			conn.Close()
		}
	}
	close(release)
	if got := <-reply; got != `200 {"listzonesresponse":{}}<nil>` {
		t.Error(got)
	}
	s.end(t)
}

func TestStopCancelsWhatOutlastsTheGrace(t *testing.T) {
	t.Parallel()
	c, begun, _ := blocking()
	s := serve(t, api.Config{Grace: time.Millisecond}, c)
	reply := make(chan string)
	go func() { reply <- s.fetch(t.Context(), listZones) }()
	<-begun
	s.stop()
	if got := <-reply; !strings.HasPrefix(got, "534 ") || !strings.Contains(got, "the operation was stopped") {
		t.Error(got)
	}
	s.end(t)
	if log := s.log.String(); !strings.Contains(log, "requests outlast the grace") {
		t.Error(log)
	}
}

func TestClientThatHangsUpIsNoFailure(t *testing.T) {
	t.Parallel()
	c, begun, _ := blocking()
	s := serve(t, api.Config{}, c)
	ctx, hangUp := context.WithCancel(t.Context())
	reply := make(chan string)
	go func() { reply <- s.fetch(ctx, listZones) }()
	<-begun
	hangUp()
	if got := <-reply; !strings.Contains(got, "context canceled") {
		t.Error(got)
	}
	s.end(t)
	if log := s.log.String(); fmt.Sprint(s.observed) != "[listZones 499]" || !strings.Contains(log, "level=DEBUG msg=request command=listZones code=499") {
		t.Errorf("%v %s", s.observed, log)
	}
}

func TestBrokenListenerIsTold(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := newSite(api.Config{}, calls{}).Serve(t.Context(), listener); err == nil || !strings.Contains(err.Error(), "serve the API on 127.0.0.1:") {
		t.Error(err)
	}
}

func TestLongQueries(t *testing.T) {
	t.Parallel()
	s := serve(t, api.Config{}, calls{})
	defer s.end(t)
	userData := "userdata=" + strings.Repeat("Zm9v+/9=", 32<<10*4/3/8) // 32 KiB in base64
	if got := s.fetch(t.Context(), signed("command=deployVirtualMachine", "response=json", userData)); !strings.HasPrefix(got, "200 ") {
		t.Errorf("%.200s", got)
	}
	if got := s.fetch(t.Context(), signed("command=listZones", strings.Repeat(userData, 8))); !strings.HasPrefix(got, "431 ") {
		t.Errorf("%.200s", got)
	}
}

// A client that dawdles does not hold a connection for longer than it may.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cfg           api.Config
		sends, answer string
	}{
		"header": {
			api.Config{HeaderTimeout: 50 * time.Millisecond},
			"GET /client/api?command=listZones HTTP/1.1\r\nHost: x\r\nX-Slow:", "",
		},
		"body": {
			api.Config{ReadTimeout: 50 * time.Millisecond},
			"POST /client/api?response=json HTTP/1.1\r\nHost: x\r\nContent-Type: " + formType + "\r\nContent-Length: 100\r\n\r\ncommand=",
			"the request body did not arrive whole",
		},
		"next request": {
			api.Config{IdleTimeout: 50 * time.Millisecond},
			"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "ok\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.cfg, calls{})
			defer s.end(t)
			conn, err := net.Dial("tcp", s.address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, test.sends); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(conn) // until the server closes
			if err != nil || !strings.Contains(string(got), test.answer) || test.answer == "" && strings.Contains(string(got), "200") {
				t.Errorf("%v: %s", err, got)
			}
		})
	}
}
