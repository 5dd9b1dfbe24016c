package command

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/store"
)

// Select answers a list command with the window of the records that match,
// each shown by itself.
func Select[T any, V Object](ctx context.Context, s *store.Store, paging Paging, filter store.Filter, show func(*T) V) (Rows[V], error) {
	return SelectAll(ctx, s, paging, filter, func(_ context.Context, rows []T) ([]V, error) {
		views := make([]V, len(rows))
		for i := range rows {
			views[i] = show(&rows[i])
		}
		return views, nil
	})
}

// SelectAll is [Select] for views that need more than their record: show gets
// the whole window, so that it can look related records up at once.
func SelectAll[T any, V Object](ctx context.Context, s *store.Store, paging Paging, filter store.Filter, show func(context.Context, []T) ([]V, error)) (Rows[V], error) {
	page, err := paging.Window()
	if err != nil {
		return Rows[V]{}, err
	}
	rows, total, err := store.List[T](ctx, s, filter, page)
	if err != nil {
		return Rows[V]{}, err
	}
	views, err := show(ctx, rows)
	return Rows[V]{Total: total, Rows: views}, err
}
