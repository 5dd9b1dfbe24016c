package storage_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// A dead mount keeps its callers no longer than they and the hang time allow,
// takes few threads, and is used again when it comes back.
func TestHangingPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, func(c *storage.Config) { c.HangTime = 5 * time.Second })
		back := make(chan struct{})
		hang := func(context.Context) (string, error) {
			<-back
			return "late", nil
		}
		for range 8 {
			began := time.Now()
			_, err := try(t, s, "/pool", hang)
			refuses(t, err, fault.Timeout, "/pool did not answer in time")
			if took := time.Since(began); took != 15*time.Second {
				t.Errorf("it took %s", took)
			}
		}
		_, err := try(t, s, "/pool", hang)
		refuses(t, err, fault.Unavailable, "/pool does not answer: 8 operations on it hang")
		if value, err := try(t, s, "/other", quick); value != "quick" || err != nil {
			t.Errorf("another place: %q, %v", value, err)
		}
		close(back)
		synctest.Wait()
		if value, err := try(t, s, "/pool", quick); value != "quick" || err != nil {
			t.Errorf("the place is back: %q, %v", value, err)
		}
	})
}

// Who notices the end of its time is waited for: it cleans up, and says it best.
func TestPlaceThatNoticesItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		own := errors.New("cleaned up")
		_, err := try(t, open(t), "/pool", func(ctx context.Context) (string, error) {
			<-ctx.Done()
			<-time.After(time.Second)
			return "", own
		})
		if !errors.Is(err, own) {
			t.Errorf("got %v", err)
		}
	})
}

func quick(context.Context) (string, error) { return "quick", nil }

func try(t *testing.T, s *storage.Storage, root string, do func(context.Context) (string, error)) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return storage.Guarded(ctx, s, root, do)
}
