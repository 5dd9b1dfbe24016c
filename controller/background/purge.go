package background

import (
	"context"
	"log/slog"
	"time"

	"github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Purge removes finished jobs once they are older than the setting says. It
// returns when the context ends.
func Purge(ctx context.Context, s *store.Store, settings setting.Settings, log *slog.Logger) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		minutes, err := setting.JobExpire.Global(ctx, settings)
		if err == nil {
			_, err = s.PurgeJobs(ctx, time.Now().UTC().Add(-time.Duration(minutes)*time.Minute))
		}
		if err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "old jobs not purged", "err", err)
		}
	}
}
