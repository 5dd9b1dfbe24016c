package linktest

import (
	"errors"
	"io"
	"sync"
	"testing"

	"google.golang.org/grpc"

	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// Stream is one stream of an agent that has said Hello.
type Stream struct {
	Host  string // by its certificate
	Hello *agentv1.Hello

	t          testing.TB
	stream     grpc.BidiStreamingServer[agentv1.FromAgent, agentv1.ToAgent]
	results    chan *agentv1.Result
	reports    chan *agentv1.Report
	heartbeats chan *agentv1.Heartbeat
	end        chan error
	gone       chan struct{}
	sending    sync.Mutex

	Left bool // the agent said farewell; known once Gone
}

func newStream(t testing.TB, stream grpc.BidiStreamingServer[agentv1.FromAgent, agentv1.ToAgent], host string, hello *agentv1.Hello) *Stream {
	return &Stream{
		Host: host, Hello: hello, t: t, stream: stream,
		results:    make(chan *agentv1.Result, 4096),
		reports:    make(chan *agentv1.Report, 4096),
		heartbeats: make(chan *agentv1.Heartbeat, 4096),
		end:        make(chan error, 1),
		gone:       make(chan struct{}),
	}
}

// serve collects what comes until the stream ends.
func (s *Stream) serve() error {
	defer close(s.gone)
	received := make(chan error, 1)
	go func() { received <- s.receive() }()
	select {
	case err := <-received:
		s.Left = errors.Is(err, io.EOF)
		return nil
	case err := <-s.end:
		return err // receive ends with the handler
	}
}

func (s *Stream) receive() error {
	for {
		message, err := s.stream.Recv()
		if err != nil {
			return err
		}
		switch body := message.GetBody().(type) {
		case *agentv1.FromAgent_Result:
			s.results <- body.Result
		case *agentv1.FromAgent_Report:
			s.reports <- body.Report
		case *agentv1.FromAgent_Heartbeat:
			s.heartbeats <- body.Heartbeat
		}
	}
}

// Act sends an action.
func (s *Stream) Act(a *agentv1.Action) {
	s.t.Helper()
	s.send(&agentv1.ToAgent{Body: &agentv1.ToAgent_Action{Action: a}})
}

// Acknowledge tells the agent that an outcome is held.
func (s *Stream) Acknowledge(id string) {
	s.t.Helper()
	s.send(&agentv1.ToAgent{Body: &agentv1.ToAgent_Acknowledge{Acknowledge: &agentv1.Acknowledge{ActionId: id}}})
}

func (s *Stream) send(message *agentv1.ToAgent) {
	s.t.Helper()
	s.sending.Lock()
	defer s.sending.Unlock()
	if err := s.stream.Send(message); err != nil {
		s.t.Errorf("send: %v", err)
	}
}

// End ends the stream from the controller's side.
func (s *Stream) End(err error) {
	s.end <- err
	<-s.gone
}

// Gone is closed when the stream has ended.
func (s *Stream) Gone() <-chan struct{} { return s.gone }

// Result waits for the next outcome.
func (s *Stream) Result() *agentv1.Result {
	s.t.Helper()
	return wait(s.t, s.results, "a result")
}

// Results is how many outcomes came that were not looked at.
func (s *Stream) Results() int { return len(s.results) }

// Report waits for the next report.
func (s *Stream) Report() *agentv1.Report {
	s.t.Helper()
	return wait(s.t, s.reports, "a report")
}

// Reports is how many reports came that were not looked at.
func (s *Stream) Reports() int { return len(s.reports) }

// Heartbeat waits for the next heartbeat.
func (s *Stream) Heartbeat() *agentv1.Heartbeat {
	s.t.Helper()
	return wait(s.t, s.heartbeats, "a heartbeat")
}
