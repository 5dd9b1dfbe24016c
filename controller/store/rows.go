package store

import (
	"context"
	"fmt"
	"reflect"

	"github.com/google/uuid"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// NewID makes an id: a random uuid in lower case.
func NewID[ID ~string]() ID { return ID(uuid.NewString()) }

// Get finds a record by its id. An absent one is a fault of kind NotFound.
func Get[T any, ID ~string](ctx context.Context, s *Store, id ID) (*T, error) {
	row := new(T)
	err := s.read(ctx).NewSelect().Model(row).Where("id = ?", string(id)).Scan(ctx)
	if err != nil {
		return nil, named[T](classify(err), string(id))
	}
	return row, nil
}

// First finds one record that matches the filter, NotFound when there is none.
func First[T any](ctx context.Context, s *Store, filter Filter) (*T, error) {
	row := new(T)
	query := filter.apply(s.read(ctx).NewSelect().Model(row)).Limit(1)
	if err := query.Scan(ctx); err != nil {
		return nil, named[T](classify(err), "")
	}
	return row, nil
}

// All gives every record that matches, in the order of their creation.
func All[T any](ctx context.Context, s *Store, filter Filter) ([]T, error) {
	rows, _, err := List[T](ctx, s, filter, Page{})
	return rows, err
}

// Page is a window of a list: Limit rows from Offset on; Limit 0 is no window.
type Page struct{ Limit, Offset int }

// List gives a window of the records that match, and how many match in all.
// The order is that of creation.
func List[T any](ctx context.Context, s *Store, filter Filter, page Page) ([]T, int, error) {
	var rows []T
	query := filter.apply(s.read(ctx).NewSelect().Model(&rows)).OrderExpr(order[T](s))
	if page.Limit == 0 {
		err := query.Scan(ctx)
		return rows, len(rows), classify(err)
	}
	total, err := query.Limit(int64(page.Limit)).Offset(int64(page.Offset)).ScanAndCount(ctx)
	return rows, int(total), classify(err)
}

// Count tells how many records match.
func Count[T any](ctx context.Context, s *Store, filter Filter) (int, error) {
	total, err := filter.apply(s.read(ctx).NewSelect().Model((*T)(nil))).Count(ctx)
	return int(total), classify(err)
}

// Insert adds a record. One with the same key or unique name is a Conflict.
func Insert[T any](ctx context.Context, s *Store, row *T) error {
	_, err := s.write(ctx).NewInsert().Model(row).Exec(ctx)
	return wrap[T]("insert", classify(err))
}

// Update writes the named columns of a record, all of them when none is named.
// A record that is gone is NotFound.
func Update[T any](ctx context.Context, s *Store, row *T, columns ...string) error {
	result, err := s.write(ctx).NewUpdate().Model(row).Column(columns...).WherePK().Exec(ctx)
	if err != nil {
		return wrap[T]("update", classify(err))
	}
	if changed, err := result.RowsAffected(); err != nil || changed == 0 {
		return wrap[T]("update", named[T](fault.New(fault.NotFound, "no such record"), ""))
	}
	return nil
}

// Delete removes what matches and tells how many that were.
func Delete[T any](ctx context.Context, s *Store, filter Filter) (int, error) {
	if len(filter) == 0 {
		return 0, fault.New(fault.Internal, "delete without a filter")
	}
	query := s.write(ctx).NewDelete().Model((*T)(nil))
	query.ApplyQueryBuilder(filter.where)
	result, err := query.Exec(ctx)
	if err != nil {
		return 0, wrap[T]("delete", classify(err))
	}
	changed, err := result.RowsAffected()
	return int(changed), err
}

func order[T any](s *Store) string {
	table := s.reads.Table(reflect.TypeFor[T]())
	switch {
	case table.HasField("seq"):
		return "seq"
	case table.HasField("created"):
		return "created, id"
	}
	return string(table.PKs[0].SQLName)
}

func kind[T any]() string { return reflect.TypeFor[T]().Name() }

func named[T any](err error, id string) error {
	if !fault.Is(err, fault.NotFound) {
		return wrap[T]("find", err)
	}
	if id == "" {
		return fault.New(fault.NotFound, "no such %s", kind[T]())
	}
	return fault.New(fault.NotFound, "no %s with id %s", kind[T](), id)
}

func wrap[T any](act string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", act, kind[T](), err)
}

// ByID gives the records with the ids, by id; those that are gone are absent.
func ByID[T any, ID ~string](ctx context.Context, s *Store, ids []ID, of func(*T) ID) (map[ID]*T, error) {
	found := make(map[ID]*T, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	rows, err := All[T](ctx, s, Filter{"id": ids})
	for i := range rows {
		found[of(&rows[i])] = &rows[i]
	}
	return found, err
}
