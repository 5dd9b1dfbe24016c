package controller

import (
	"context"
	"errors"
	"time"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/pki"
	"github.com/cairn-kvm/cairn/internal/secret"
)

// JoinToken makes a token with which one host can join the cluster, named by
// its name or id, once and until it expires. It may be called beside a running
// controller.
func JoinToken(ctx context.Context, cfg Config, cluster string, valid time.Duration) (token secret.Text, err error) {
	if err := initialised(cfg); err != nil {
		return token, err
	}
	ca, err := readCA(cfg)
	if err != nil {
		return token, err
	}
	s, err := openStore(ctx, cfg)
	if err != nil {
		return token, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	home, err := findCluster(ctx, s, cluster)
	if err != nil {
		return token, err
	}
	made := pki.NewToken(ca.Certificate())
	row := &resource.JoinToken{
		ID: resource.JoinTokenID(made.ID), Digest: pki.HashSecret(made.Secret), ClusterID: home.ID, Expires: time.Now().UTC().Add(valid),
	}
	return pki.FormatToken(made), store.Insert(ctx, s, row)
}

func findCluster(ctx context.Context, s *store.Store, nameOrID string) (*resource.Cluster, error) {
	byName, err := store.All[resource.Cluster](ctx, s, store.Filter{"name": store.Fold(nameOrID)})
	switch {
	case err != nil:
		return nil, err
	case len(byName) == 1:
		return &byName[0], nil
	case len(byName) > 1:
		return nil, fault.New(fault.Invalid, "there are %d clusters named %s: pass the id", len(byName), nameOrID)
	}
	cluster, err := store.Get[resource.Cluster](ctx, s, resource.ClusterID(nameOrID))
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.Invalid, "there is no cluster %s", nameOrID)
	}
	return cluster, err
}
