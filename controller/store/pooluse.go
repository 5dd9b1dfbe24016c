package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/cairn-kvm/cairn/controller/resource"
)

// PoolUse sums up the sizes of the volumes in each of the pools, in bytes; a
// pool without any is absent.
func (s *Store) PoolUse(ctx context.Context, pools []resource.PoolID) (map[resource.PoolID]int64, error) {
	if len(pools) == 0 {
		return nil, nil
	}
	var rows []struct {
		PoolID    resource.PoolID `bun:"pool_id"`
		SizeBytes int64           `bun:"size_bytes"`
	}
	err := s.read(ctx).NewSelect().Model((*resource.Volume)(nil)).
		Column("pool_id").ColumnExpr("SUM(size_bytes) AS size_bytes").
		Where("pool_id IN (?)", bun.List(pools)).Group("pool_id").Scan(ctx, &rows)
	if err != nil {
		return nil, classify(err)
	}
	use := make(map[resource.PoolID]int64, len(rows))
	for _, row := range rows {
		use[row.PoolID] = row.SizeBytes
	}
	return use, nil
}
