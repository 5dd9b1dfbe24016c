package store

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/resource"
)

// PendingActions gives what a host has to do now: of each subject only the
// earliest, in the order in which they were written. One that is held back
// holds back those behind it.
func (s *Store) PendingActions(ctx context.Context, host resource.HostID, now resource.Time) ([]resource.Action, error) {
	rows, err := All[resource.Action](ctx, s, Filter{"host_id": host, "state": resource.ActionPending})
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(rows))
	first := rows[:0]
	for _, row := range rows {
		if seen[row.Subject] {
			continue
		}
		seen[row.Subject] = true
		if !row.NotBefore.After(now) {
			first = append(first, row)
		}
	}
	return first, nil
}

// SettleAction keeps a result, if somebody still waits for it, and drops the
// payload with its secrets. It reports whether the action was pending.
func (s *Store) SettleAction(ctx context.Context, id string, host resource.HostID, outcome []byte, now resource.Time) (bool, error) {
	result, err := s.write(ctx).NewUpdate().Model((*resource.Action)(nil)).
		Set("state = ?", resource.ActionDone).Set("payload = NULL").Set("result = ?", outcome).Set("settled = ?", now).
		Where("id = ? AND host_id = ? AND state = ?", id, string(host), resource.ActionPending).Exec(ctx)
	if err != nil {
		return false, classify(err)
	}
	changed, err := result.RowsAffected()
	return changed > 0, err
}
