// Package store keeps the controller's state: one database, two engines. It
// is the only package that knows SQL. SQLite is embedded and needs nothing;
// the same statements, written with a query builder, run on PostgreSQL.
//
// A change and the job that goes on with it commit together: [Store.InTx]
// puts the transaction into the context, and every function of this package
// that is called with that context takes part in it.
//
// In:  records of package resource, from every package above.
// Out: the same records; faults of kind NotFound and Conflict.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
)

// Store is safe for concurrent use.
type Store struct {
	engine engine
	reads  *bun.DB // SQLite: many readers
	writes *bun.DB // SQLite: exactly one connection; writers wait for it in Go, not in the engine
	sealer sealer
}

// Config says where the state lies.
type Config struct {
	Path string // the SQLite database; its directory must exist
	Key  Key    // seals the secrets
}

// Open opens the database and brings its schema up to date.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	seal, err := newSealer(cfg.Key)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: sqliteEngine, sealer: seal}
	if s.writes, s.reads, err = openSQLite(cfg.Path); err != nil {
		return nil, fmt.Errorf("open database %s: %w", cfg.Path, err)
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate database %s: %w", cfg.Path, err), s.Close())
	}
	return s, nil
}

// Close ends all connections.
func (s *Store) Close() error { return errors.Join(s.reads.Close(), s.writes.Close()) }

// Ping asks the database for an answer.
func (s *Store) Ping(ctx context.Context) error { return s.reads.PingContext(ctx) }

type txKey struct{}

type transaction struct {
	bun.Tx
	afterCommit []func()
}

// InTx runs f in a transaction, or in the one that the context carries. An
// error of f rolls everything back and is returned.
func (s *Store) InTx(ctx context.Context, f func(context.Context) error) error {
	if _, inside := ctx.Value(txKey{}).(*transaction); inside {
		return f(ctx)
	}
	tx := new(transaction)
	err := s.writes.RunInTx(ctx, &sql.TxOptions{}, func(ctx context.Context, btx bun.Tx) error {
		tx.Tx = btx
		return f(context.WithValue(ctx, txKey{}, tx))
	})
	if err != nil {
		return classify(err)
	}
	for _, hook := range tx.afterCommit {
		hook()
	}
	return nil
}

// AfterCommit runs f when the context's transaction has committed, at once
// where there is none. It is for wake-ups: f must not fail and must not block.
func AfterCommit(ctx context.Context, f func()) {
	if tx, inside := ctx.Value(txKey{}).(*transaction); inside {
		tx.afterCommit = append(tx.afterCommit, f)
		return
	}
	f()
}

func (s *Store) read(ctx context.Context) bun.IDB  { return within(ctx, s.reads) }
func (s *Store) write(ctx context.Context) bun.IDB { return within(ctx, s.writes) }

func within(ctx context.Context, outside *bun.DB) bun.IDB {
	if tx, inside := ctx.Value(txKey{}).(*transaction); inside {
		return tx.Tx
	}
	return outside
}
