package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

type stream = grpc.BidiStreamingClient[agentv1.FromAgent, agentv1.ToAgent]

// open dials, says Hello and reads the Welcome.
func (l *Link) open(ctx, streaming context.Context, end context.CancelCauseFunc) (_ *session, closeConn func(), err error) {
	late := time.AfterFunc(welcomeWithin, func() {
		end(fault.New(fault.Timeout, "the controller did not say welcome within %s", welcomeWithin))
	})
	defer late.Stop()
	stop := context.AfterFunc(ctx, func() { end(context.Cause(ctx)) })
	defer stop()

	var local atomic.Value
	conn, err := l.dial(&local)
	if err != nil {
		return nil, nil, fmt.Errorf("dial %s: %w", l.config.Controller, err)
	}
	closeConn = func() { _ = conn.Close() } // it only says when it was closed before
	s := &session{Link: l, outgoing: make(chan outgoing)}
	if s.stream, err = agentv1.NewFleetClient(conn).Connect(streaming); err == nil {
		s.address, _ = local.Load().(string)
		err = s.greet(streaming)
	}
	if err != nil {
		closeConn()
		return nil, nil, because(streaming, err)
	}
	return s, closeConn, nil
}

func (s *session) greet(ctx context.Context) error {
	hello := &agentv1.Hello{Version: s.config.Version, BootId: s.config.BootID, Facts: s.firstFacts(ctx)}
	if err := s.stream.Send(&agentv1.FromAgent{Body: &agentv1.FromAgent_Hello{Hello: hello}}); err != nil && !errors.Is(err, io.EOF) {
		return err // io.EOF: the reason comes with Recv
	}
	answer, err := s.stream.Recv()
	if err != nil {
		return ended(err)
	}
	welcome := answer.GetWelcome()
	if welcome == nil {
		return fault.New(fault.Malformed, "the controller answered Hello with %T, not with Welcome", answer.GetBody())
	}
	s.heartbeat = orElse(welcome.GetHeartbeat().AsDuration(), heartbeatEvery)
	s.report = orElse(welcome.GetReport().AsDuration(), reportEvery)
	return nil
}

func orElse(asked, otherwise time.Duration) time.Duration {
	if asked <= 0 {
		return otherwise
	}
	return asked
}
