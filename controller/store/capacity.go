package store

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/cairn-kvm/cairn/controller/resource"
)

// Use is what the VMs on a host take of it.
type Use struct {
	HostID    resource.HostID `bun:"host_id"`
	CPUs      int             `bun:"cpus"`
	MemoryMiB int64           `bun:"memory_mib"`
	VMs       int             `bun:"vms"`
}

// HostUse sums up the VMs of each of the hosts; a host without any is absent.
func (s *Store) HostUse(ctx context.Context, hosts []resource.HostID) (map[resource.HostID]Use, error) {
	if len(hosts) == 0 {
		return nil, nil
	}
	var rows []Use
	err := s.read(ctx).NewSelect().Model((*resource.VM)(nil)).
		Column("host_id").
		ColumnExpr("SUM(cpus) AS cpus").ColumnExpr("SUM(memory_mib) AS memory_mib").ColumnExpr("COUNT(*) AS vms").
		Where("host_id IN (?)", bun.List(hosts)).Group("host_id").Scan(ctx, &rows)
	if err != nil {
		return nil, classify(err)
	}
	use := make(map[resource.HostID]Use, len(rows))
	for _, row := range rows {
		use[row.HostID] = row
	}
	return use, nil
}
