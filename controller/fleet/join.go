package fleet

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/pki"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// Join trades a token for a certificate. The token is used up in the same
// transaction that makes the host.
func (f *Fleet) Join(ctx context.Context, request *agentv1.JoinRequest) (*agentv1.JoinReply, error) {
	reply, err := f.join(ctx, request)
	switch {
	case err == nil:
		f.log.InfoContext(ctx, "host joined", "host", reply.GetHostId(), "name", request.GetFacts().GetName())
		return reply, nil
	case fault.Is(err, fault.Unauthenticated):
		f.log.WarnContext(ctx, "join refused", "name", request.GetFacts().GetName(), "err", err)
		return nil, status.Error(codes.Unauthenticated, fault.Message(err))
	case fault.Is(err, fault.Invalid), fault.Is(err, fault.Conflict):
		return nil, status.Error(codes.FailedPrecondition, fault.Message(err))
	}
	f.log.ErrorContext(ctx, "join failed", "name", request.GetFacts().GetName(), "err", err)
	return nil, status.Error(codes.Internal, "the controller could not make the host; see its log")
}

func (f *Fleet) join(ctx context.Context, request *agentv1.JoinRequest) (*agentv1.JoinReply, error) {
	token, err := pki.ParseToken(request.GetToken())
	if err != nil {
		return nil, fault.Wrap(fault.Unauthenticated, err, "the join token is not valid")
	}
	var reply *agentv1.JoinReply
	err = f.store.InTx(ctx, func(ctx context.Context) error {
		row, err := f.redeem(ctx, token)
		if err != nil {
			return err
		}
		host, err := f.admit(ctx, row.ClusterID, request.GetFacts())
		if err != nil {
			return err
		}
		certificate, err := f.cfg.CA.Sign(request.GetCsr(), string(host.ID))
		if err != nil {
			return fmt.Errorf("sign the certificate of host %s: %w", host.Name, err)
		}
		host.Certificate = pki.Digest(certificate)
		if err := store.Update(ctx, f.store, host, "certificate"); err != nil {
			return err
		}
		row.HostID = host.ID
		if err := store.Update(ctx, f.store, row, "used", "host_id"); err != nil {
			return err
		}
		reply = &agentv1.JoinReply{HostId: string(host.ID), Certificate: certificate.Raw, Ca: f.cfg.CA.Certificate().Raw}
		return nil
	})
	return reply, err
}

// redeem checks a token and marks it used. All refusals read alike.
func (f *Fleet) redeem(ctx context.Context, token pki.Token) (*resource.JoinToken, error) {
	refused := func(why string) error {
		return fault.Wrap(fault.Unauthenticated, fmt.Errorf("token %s: %s", token.ID, why), "the join token is not valid: it is wrong, used or expired")
	}
	row, err := store.Get[resource.JoinToken](ctx, f.store, resource.JoinTokenID(token.ID))
	now := time.Now().UTC()
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, refused("unknown")
	case err != nil:
		return nil, err
	case !token.Opens(row.Digest):
		return nil, refused("wrong secret")
	case row.Used != nil:
		return nil, refused("used already")
	case now.After(row.Expires):
		return nil, refused("expired")
	}
	row.Used = &now
	return row, nil
}

// admit makes the host's row. A host that was installed anew takes the row of
// its name over, if it joins the same cluster and its old stream is gone; its
// old certificate opens nothing from then on.
func (f *Fleet) admit(ctx context.Context, cluster resource.ClusterID, facts *agentv1.HostFacts) (*resource.Host, error) {
	if facts.GetName() == "" {
		return nil, fault.New(fault.Invalid, "the host gave no name")
	}
	home, err := store.Get[resource.Cluster](ctx, f.store, cluster)
	if err != nil {
		return nil, err
	}
	known, err := store.First[resource.Host](ctx, f.store, store.Filter{"name": store.Fold(facts.GetName())})
	if err == nil {
		if _, away := f.Away(known.ID); !away || known.ClusterID != cluster {
			return nil, fault.New(fault.Conflict, "a host named %s has joined already", known.Name)
		}
		f.log.WarnContext(ctx, "a host takes over the place of one that is away; the certificate of that one is good no more",
			"host", known.ID, "name", known.Name)
		return known, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	now := time.Now().UTC()
	host := &resource.Host{
		ID: store.NewID[resource.HostID](), Name: facts.GetName(), ZoneID: home.ZoneID, PodID: home.PodID, ClusterID: home.ID,
		State: resource.HostConnecting, Allocation: resource.AllocationEnabled, Seen: now, Created: now,
	}
	describe(host, facts)
	return host, store.Insert(ctx, f.store, host)
}
