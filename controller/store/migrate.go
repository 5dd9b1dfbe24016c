package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/cairn-kvm/cairn/internal/fault"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migration is a row of the table that says which files have run.
type migration struct {
	Name    string    `bun:"name,pk"`
	Applied time.Time `bun:"applied"`
}

// migrate runs the files that have not run yet, each in its own transaction.
// A database that a newer program has migrated is refused.
func (s *Store) migrate(ctx context.Context) error {
	table := s.engine.types.Replace(`CREATE TABLE IF NOT EXISTS migrations (name TEXT NOT NULL PRIMARY KEY, applied {{time}} NOT NULL)`)
	if _, err := s.writes.ExecContext(ctx, table); err != nil {
		return err
	}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	var applied []string
	if err := s.writes.NewSelect().Model((*migration)(nil)).Column("name").Order("name").Scan(ctx, &applied); err != nil {
		return err
	}
	for _, name := range applied {
		if !slices.Contains(files, name) {
			return fault.New(fault.Unsupported, "the database was migrated by a newer version (%s): run that version", name)
		}
	}
	for _, name := range files {
		if slices.Contains(applied, name) {
			continue
		}
		if err := s.apply(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (s *Store) apply(ctx context.Context, name string) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	return s.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.write(ctx).ExecContext(ctx, s.engine.types.Replace(string(text))); err != nil {
			return err
		}
		_, err := s.write(ctx).NewInsert().Model(&migration{Name: name, Applied: time.Now().UTC()}).Exec(ctx)
		return err
	})
}
