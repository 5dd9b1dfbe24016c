package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

const (
	welcomeWithin  = 15 * time.Second
	farewellWithin = time.Second
	// What holds where the controller asks for nothing.
	heartbeatEvery = 10 * time.Second
	reportEvery    = time.Minute
)

// outgoing is a message that holds as long as no VM has been reported started
// or stopped since: asOf counts those.
type outgoing struct {
	message *agentv1.FromAgent
	asOf    uint64
	taken   chan bool // has room for the sender's answer
}

// always is the asOf of a message that holds whatever VMs do.
const always = math.MaxUint64

// session is one stream, from its Hello to its end.
type session struct {
	*Link
	stream    stream
	address   string // the host's, as seen from the stream
	heartbeat time.Duration
	report    time.Duration
	outgoing  chan outgoing // reports and facts
	moved     atomic.Uint64 // outcomes sent that started or stopped a VM
}

// session opens a stream and serves it until it ends or ctx does. It always
// returns why.
func (l *Link) session(ctx context.Context) error {
	// The stream outlives ctx by the time of a farewell.
	streaming, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)
	s, closeConn, err := l.open(ctx, streaming, end)
	if err != nil {
		return err
	}
	defer closeConn()
	l.streams.Add(1)
	l.connected.Store(true)
	l.log.Info("connected to the controller", "controller", l.config.Controller, "heartbeat", s.heartbeat, "report", s.report)
	defer func() {
		l.connected.Store(false)
		l.wakeFlush()
	}()

	var parts sync.WaitGroup
	parts.Go(func() { end(s.receive(streaming)) })
	parts.Go(func() { s.watch(streaming) })
	parts.Go(func() { limitFarewell(ctx, streaming, end) })
	if err := s.send(ctx, streaming); err != nil {
		end(err)
	} else {
		s.farewell(streaming)
		end(context.Cause(ctx))
	}
	parts.Wait()
	return context.Cause(streaming)
}

// receive hands on what arrives, until the stream ends.
func (s *session) receive(ctx context.Context) error {
	for {
		message, err := s.stream.Recv()
		if err != nil {
			return because(ctx, ended(err))
		}
		switch body := message.GetBody().(type) {
		case *agentv1.ToAgent_Action:
			if s.draining.Load() {
				s.log.Debug("action is left to the agent's next process", "action", body.Action.GetId())
				continue
			}
			if err := s.runner.Submit(ctx, body.Action); err != nil {
				return because(ctx, fmt.Errorf("take action %s: %w", body.Action.GetId(), err))
			}
		case *agentv1.ToAgent_Acknowledge:
			s.journal.Acknowledge(body.Acknowledge.GetActionId())
			s.wakeFlush()
		default:
			s.log.Warn("controller sent what this agent does not know", "body", fmt.Sprintf("%T", body))
		}
	}
}

// send is the only one that writes to the stream. It returns nil when ctx
// ends, and the reason when the stream does.
func (s *session) send(ctx, streaming context.Context) error {
	heartbeat := time.NewTicker(s.heartbeat)
	defer heartbeat.Stop()
	cursor, err := s.sendResults(0)
	for err == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-streaming.Done():
			return context.Cause(streaming)
		case <-s.journal.Ready():
			cursor, err = s.sendResults(cursor)
		case next := <-s.outgoing:
			if next.asOf != always && next.asOf != s.moved.Load() {
				next.taken <- false
				continue
			}
			err = s.stream.Send(next.message)
			next.taken <- true
		case <-heartbeat.C:
			err = s.stream.Send(&agentv1.FromAgent{Body: &agentv1.FromAgent_Heartbeat{Heartbeat: &agentv1.Heartbeat{}}})
		}
	}
	if errors.Is(err, io.EOF) { // the reason comes with Recv
		<-streaming.Done()
		return context.Cause(streaming)
	}
	return err
}

func (s *session) sendResults(cursor uint64) (uint64, error) {
	results, next := s.journal.Unacknowledged(cursor)
	for _, result := range results {
		if err := s.stream.Send(&agentv1.FromAgent{Body: &agentv1.FromAgent_Result{Result: result}}); err != nil {
			return cursor, err
		}
		if done := result.GetDone(); done.GetStartVm() != nil || done.GetStopVm() != nil {
			s.moved.Add(1)
		}
	}
	return next, nil
}

// farewell tells the controller that the agent goes on purpose, and lets it
// end the stream.
func (s *session) farewell(streaming context.Context) {
	if err := s.stream.CloseSend(); err != nil {
		return // it has ended already
	}
	select {
	case <-streaming.Done():
	case <-time.After(farewellWithin):
	}
}

// limitFarewell ends a stream on which nothing moves any more, so that it
// cannot hold up an agent that wants to stop.
func limitFarewell(ctx, streaming context.Context, end context.CancelCauseFunc) {
	select {
	case <-ctx.Done():
	case <-streaming.Done():
		return
	}
	select {
	case <-time.After(2 * farewellWithin):
		end(context.Cause(ctx))
	case <-streaming.Done():
	}
}

func (l *Link) wakeFlush() {
	select {
	case l.acknowledged <- struct{}{}:
	default: // woken already
	}
}

func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return fault.New(fault.Unavailable, "the controller ended the stream")
	}
	return err
}

// because gives the reason for which the stream was ended from our side, if
// it was; else what went wrong on it.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
