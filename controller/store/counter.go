package store

import "context"

// Next gives the next number of a counter, from 1 on. A number is never given
// twice, unless the transaction that took it rolls back.
func (s *Store) Next(ctx context.Context, counter string) (int64, error) {
	var value int64
	err := s.InTx(ctx, func(ctx context.Context) error {
		return s.write(ctx).NewRaw(
			`INSERT INTO counters (name, value) VALUES (?, 1)
			 ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value`, counter,
		).Scan(ctx, &value)
	})
	return value, err
}
