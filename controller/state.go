package controller

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/pki"
)

// state is what lies in the state directory.
type state struct {
	store *store.Store
	ca    *pki.CA
	lock  *os.File // held as long as this process is the directory's controller
}

// openState opens what Init made. A second controller on the same directory
// is refused: leases assume that a worker's former life is over.
func openState(ctx context.Context, cfg Config) (*state, error) {
	if err := initialised(cfg); err != nil {
		return nil, err
	}
	lock, err := lockState(cfg)
	if err != nil {
		return nil, err
	}
	st := &state{lock: lock}
	if st.ca, err = readCA(cfg); err != nil {
		return nil, errors.Join(err, st.close())
	}
	if st.store, err = openStore(ctx, cfg); err != nil {
		return nil, errors.Join(err, st.close())
	}
	return st, nil
}

func initialised(cfg Config) error {
	if _, err := os.Stat(cfg.caFile()); errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.Invalid, "%s holds no controller: run \"cairn-controller init\" first", cfg.StateDir)
	}
	return nil
}

func openStore(ctx context.Context, cfg Config) (*store.Store, error) {
	key, err := store.ReadKey(cfg.sealKey())
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Config{Path: cfg.database(), Key: key})
}

func readCA(cfg Config) (*pki.CA, error) {
	key, err := pki.ReadKey(cfg.caKey())
	if err != nil {
		return nil, err
	}
	chain, err := pki.ReadCertificates(cfg.caFile())
	if err != nil {
		return nil, err
	}
	return pki.LoadCA(chain[0], key)
}

func lockState(cfg Config) (*os.File, error) {
	lock, err := os.OpenFile(cfg.lockFile(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock state directory: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(
			fault.Wrap(fault.Conflict, err, "another controller runs on %s", cfg.StateDir), lock.Close())
	}
	return lock, nil
}

func (st *state) close() error {
	var err error
	if st.store != nil {
		err = st.store.Close()
	}
	return errors.Join(err, st.lock.Close())
}
