package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/logging"
	"github.com/cairn-kvm/cairn/internal/pki"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// errReplaced ends a stream whose host has opened another one.
var errReplaced = errors.New("the host has opened another stream")

// session is one open stream. Only its sender goroutine sends.
type session struct {
	host  resource.HostID
	wake  chan struct{} // capacity 1
	acks  chan string   // ids of results to acknowledge
	close context.CancelCauseFunc
	seen  time.Time // last written; only the receiver uses it
}

func (s *session) look() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Connect serves one agent's stream until it ends or is replaced.
func (f *Fleet) Connect(stream agentv1.Fleet_ConnectServer) error {
	name, err := pki.PeerHost(stream.Context())
	if err != nil {
		return status.Error(codes.Unauthenticated, "a certificate of this controller's authority is required")
	}
	ctx, cancel := context.WithCancelCause(logging.With(stream.Context(), slog.String("host", name)))
	defer cancel(nil)
	s := &session{host: resource.HostID(name), wake: make(chan struct{}, 1), acks: make(chan string, 64), close: cancel}
	if err := f.welcome(ctx, s, stream); err != nil {
		return err
	}
	f.log.InfoContext(ctx, "agent connected")
	sender := make(chan error, 1)
	go func() { sender <- f.send(ctx, s, stream) }()
	received := make(chan error, 1)
	go func() { received <- f.receive(ctx, s, stream) }()
	select {
	case err = <-received:
	case err = <-sender:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	cancel(err)
	f.leave(context.WithoutCancel(ctx), s)
	f.log.InfoContext(ctx, "agent disconnected", "err", err)
	return status.Error(codes.Unavailable, fmt.Sprint(err)) // ends receive, which nobody waits for: it touches only this stream
}

// welcome reads the agent's first message and answers it.
func (f *Fleet) welcome(ctx context.Context, s *session, stream agentv1.Fleet_ConnectServer) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	hello := first.GetHello()
	if hello == nil {
		return status.Error(codes.InvalidArgument, "the first message of a stream is Hello")
	}
	if err := f.enter(ctx, s, hello); err != nil {
		f.log.WarnContext(ctx, "agent refused", "err", err)
		return status.Error(codes.PermissionDenied, "this host is not known to the controller, or has joined again since")
	}
	err = stream.Send(&agentv1.ToAgent{Body: &agentv1.ToAgent_Welcome{Welcome: &agentv1.Welcome{
		Heartbeat: durationpb.New(f.cfg.Heartbeat), Report: durationpb.New(f.cfg.Report),
	}}})
	if err != nil {
		f.leave(context.WithoutCancel(ctx), s)
	}
	return err
}

// enter makes the session the host's, and ends the one before.
func (f *Fleet) enter(ctx context.Context, s *session, hello *agentv1.Hello) error {
	f.presence.Lock()
	defer f.presence.Unlock()
	if err := f.arrived(ctx, s.host, hello); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if before := f.sessions[s.host]; before != nil {
		before.close(errReplaced)
	}
	f.sessions[s.host] = s
	s.look()
	return nil
}

// leave marks the host disconnected, unless another session is its own now.
func (f *Fleet) leave(ctx context.Context, s *session) {
	f.presence.Lock()
	defer f.presence.Unlock()
	f.mu.Lock()
	mine := f.sessions[s.host] == s
	if mine {
		delete(f.sessions, s.host)
		f.gone[s.host] = time.Now()
	}
	f.mu.Unlock()
	if !mine {
		return
	}
	if err := f.departed(ctx, s.host); err != nil {
		f.log.WarnContext(ctx, "host state not written", "err", err)
	}
}

// send carries actions and acknowledgements to the agent. An action is sent
// once on a stream.
func (f *Fleet) send(ctx context.Context, s *session, stream agentv1.Fleet_ConnectServer) error {
	sent := map[string]bool{}
	retry := time.NewTicker(5 * time.Second) // a failed look at the outbox, or a wake-up of another controller
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case id := <-s.acks:
			delete(sent, id)
			ack := &agentv1.ToAgent{Body: &agentv1.ToAgent_Acknowledge{Acknowledge: &agentv1.Acknowledge{ActionId: id}}}
			if err := stream.Send(ack); err != nil {
				return err
			}
			continue
		case <-s.wake:
		case <-retry.C:
		}
		if err := f.sendPending(ctx, s, stream, sent); err != nil {
			return err
		}
	}
}

func (f *Fleet) sendPending(ctx context.Context, s *session, stream agentv1.Fleet_ConnectServer, sent map[string]bool) error {
	actions, err := f.outbox.Pending(ctx, s.host)
	if err != nil {
		if ctx.Err() == nil {
			f.log.WarnContext(ctx, "cannot read pending actions", "err", err)
		}
		return nil
	}
	for _, action := range actions {
		if sent[action.GetId()] {
			continue
		}
		if err := stream.Send(&agentv1.ToAgent{Body: &agentv1.ToAgent_Action{Action: action}}); err != nil {
			return err
		}
		sent[action.GetId()] = true
	}
	return nil
}

// receive takes what the agent says. An agent that is silent for three
// heartbeats is gone.
func (f *Fleet) receive(ctx context.Context, s *session, stream agentv1.Fleet_ConnectServer) error {
	silence := time.AfterFunc(3*f.cfg.Heartbeat, func() { s.close(errors.New("the agent is silent")) })
	defer silence.Stop()
	for {
		message, err := stream.Recv()
		if err != nil {
			return err
		}
		silence.Reset(3 * f.cfg.Heartbeat)
		if err := f.take(ctx, s, message); err != nil {
			return err
		}
	}
}

func (f *Fleet) take(ctx context.Context, s *session, message *agentv1.FromAgent) error {
	switch body := message.GetBody().(type) {
	case *agentv1.FromAgent_Result:
		if err := f.outbox.Settle(ctx, s.host, body.Result); err != nil {
			return err // not durable here: the agent keeps it and sends it again on the next stream
		}
		select {
		case s.acks <- body.Result.GetActionId():
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		s.look() // the next action of this subject
	case *agentv1.FromAgent_Report:
		f.reports.Report(ctx, s.host, body.Report)
	case *agentv1.FromAgent_Heartbeat:
		return f.seen(ctx, s, body.Heartbeat.GetFacts())
	}
	return nil
}
