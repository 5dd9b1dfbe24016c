package storage

import "context"

// Guarded lets a test stand in for a mount that hangs.
func Guarded(ctx context.Context, s *Storage, root string, do func(context.Context) (string, error)) (string, error) {
	return guarded(ctx, s, root, do)
}

// CheckQcow2 lets a test show it headers of all kinds.
func CheckQcow2(head []byte) error { return checkQcow2(head) }
