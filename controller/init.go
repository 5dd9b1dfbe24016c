package controller

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cairn-kvm/cairn/controller/auth"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/pki"
	"github.com/cairn-kvm/cairn/internal/secret"
)

// RootKeys are the first user's keys. They are told once; the database keeps
// the secret one sealed.
type RootKeys struct{ APIKey, SecretKey secret.Text }

// Init makes the state of a new controller: directory, sealing key, authority,
// database, and the root account with its keys. Interrupted, it can be run
// again; run on a whole state it changes nothing and is a Conflict.
func Init(ctx context.Context, cfg Config) (keys RootKeys, err error) {
	if err := os.MkdirAll(cfg.StateDir, 0o700); err != nil {
		return keys, fmt.Errorf("make state directory: %w", err)
	}
	lock, err := lockState(cfg)
	if err != nil {
		return keys, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := initKey(cfg); err != nil {
		return keys, err
	}
	if err := initCA(cfg); err != nil {
		return keys, err
	}
	s, err := openStore(ctx, cfg)
	if err != nil {
		return keys, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	keys.APIKey, keys.SecretKey = auth.NewKeys()
	return keys, initRoot(ctx, s, cfg, keys)
}

// initKey makes the sealing key, unless it is there: what it sealed would be
// lost with it.
func initKey(cfg Config) error {
	if _, err := os.Stat(cfg.sealKey()); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return writePrivate(cfg.sealKey(), []byte(store.NewKey().Text().Reveal()+"\n"))
}

func initCA(cfg Config) error {
	if _, err := os.Stat(cfg.caFile()); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	ca, err := pki.NewCA("Cairn")
	if err != nil {
		return err
	}
	if err := pki.WriteKey(cfg.caKey(), ca.Key()); err != nil {
		return err
	}
	return pki.WriteCertificates(cfg.caFile(), ca.Certificate())
}

// writePrivate writes a file that is whole or not there.
func writePrivate(path string, content []byte) error {
	file, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(path+".new", path)
}

// initRoot makes the root of the tree, its account and its user.
func initRoot(ctx context.Context, s *store.Store, cfg Config, keys RootKeys) error {
	return s.InTx(ctx, func(ctx context.Context) error {
		users, err := store.Count[resource.User](ctx, s, nil)
		if err != nil {
			return err
		}
		if users > 0 {
			return fault.New(fault.Conflict, "%s holds a controller already; nothing was changed", cfg.StateDir)
		}
		now := time.Now().UTC()
		number, err := s.Next(ctx, "account")
		if err != nil {
			return err
		}
		domain := &resource.Domain{ID: store.NewID[resource.DomainID](), Name: "ROOT", Path: "/", Created: now}
		account := &resource.Account{
			ID: store.NewID[resource.AccountID](), Number: number, Name: "admin", DomainID: domain.ID,
			Role: resource.RootAdmin, State: resource.AccountEnabled, Created: now,
		}
		user := &resource.User{
			ID: store.NewID[resource.UserID](), AccountID: account.ID, Name: "admin", FirstName: "root", LastName: "admin",
			State: resource.AccountEnabled, APIKey: keys.APIKey.Reveal(), SecretKey: s.Seal(keys.SecretKey), Created: now,
		}
		return errors.Join(store.Insert(ctx, s, domain), store.Insert(ctx, s, account), store.Insert(ctx, s, user))
	})
}
