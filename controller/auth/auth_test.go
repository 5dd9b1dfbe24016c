package auth_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/auth"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/secret"
)

func open(t testing.TB, key store.Key) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "cairn.db"), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func insert[T any](t testing.TB, s *store.Store, rows ...*T) {
	t.Helper()
	for _, row := range rows {
		if err := store.Insert(t.Context(), s, row); err != nil {
			t.Fatal(err)
		}
	}
}

// populate makes domain /sales/ with the account acme, and a user of it.
func populate(t testing.TB, s *store.Store) *resource.User {
	t.Helper()
	user := &resource.User{
		ID: "u1", AccountID: "a1", Name: "ann", State: resource.AccountEnabled,
		APIKey: "the-api-key", SecretKey: s.Seal(secret.New("the-secret-key")),
	}
	insert(t, s, &resource.Domain{ID: "d1", Name: "sales", Path: "/sales/", Level: 1})
	insert(t, s, &resource.Account{ID: "a1", Number: 2, Name: "acme", DomainID: "d1", Role: resource.DomainAdmin, State: resource.AccountEnabled})
	insert(t, s, user)
	return user
}

var ann = access.Caller{
	UserID: "u1", UserName: "ann", AccountID: "a1", AccountName: "acme",
	DomainID: "d1", DomainPath: "/sales/", Role: resource.DomainAdmin,
}

func TestCallerOfAnAPIKey(t *testing.T) {
	t.Parallel()
	s := open(t, store.NewKey())
	populate(t, s)
	caller, key, err := auth.New(s).Caller(t.Context(), "the-api-key")
	if err != nil || caller != ann || key.Reveal() != "the-secret-key" {
		t.Errorf("%+v, key %q, %v", caller, key.Reveal(), err)
	}
	if caller, err := auth.New(s).CallerOf(t.Context(), "u1"); err != nil || caller != ann {
		t.Errorf("by id: %+v, %v", caller, err)
	}
	if _, err := auth.New(s).CallerOf(t.Context(), "u2"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a user that is not there: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	update := func(t *testing.T, s *store.Store, row any, columns ...string) {
		t.Helper()
		var err error
		switch row := row.(type) {
		case *resource.User:
			err = store.Update(t.Context(), s, row, columns...)
		case *resource.Account:
			err = store.Update(t.Context(), s, row, columns...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		key    string
		change func(*testing.T, *store.Store)
		says   string
	}{
		"unknown key":  {"another-key", nil, "nobody has this API key"},
		"key in caps":  {"THE-API-KEY", nil, "nobody has this API key"},
		"quote in key": {"' OR 1=1 --", nil, "nobody has this API key"},
		"no key": {"", func(t *testing.T, s *store.Store) {
			insert(t, s, &resource.User{ID: "u0", AccountID: "a1", Name: "keyless", State: resource.AccountEnabled})
		}, "there is no API key"},
		"user disabled": {"the-api-key", func(t *testing.T, s *store.Store) {
			update(t, s, &resource.User{ID: "u1", State: resource.AccountDisabled}, "state")
		}, "user u1 is disabled"},
		"user locked": {"the-api-key", func(t *testing.T, s *store.Store) {
			update(t, s, &resource.User{ID: "u1", State: resource.AccountLocked}, "state")
		}, "user u1 is locked"},
		"account disabled": {"the-api-key", func(t *testing.T, s *store.Store) {
			update(t, s, &resource.Account{ID: "a1", State: resource.AccountDisabled}, "state")
		}, "account a1 is disabled"},
		"no secret": {"the-api-key", func(t *testing.T, s *store.Store) {
			update(t, s, &resource.User{ID: "u1"}, "secret_key")
		}, "user u1 has no secret key"},
		"key replaced": {"the-api-key", func(t *testing.T, s *store.Store) {
			update(t, s, &resource.User{ID: "u1", APIKey: "new"}, "api_key")
		}, "nobody has this API key"},
		"account gone": {"the-api-key", func(t *testing.T, s *store.Store) {
			if _, err := store.Delete[resource.Account](t.Context(), s, store.Filter{"id": "a1"}); err != nil {
				t.Fatal(err)
			}
		}, "nobody has this API key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, store.NewKey())
			populate(t, s)
			a := auth.New(s)
			if _, _, err := a.Caller(t.Context(), "the-api-key"); err != nil {
				t.Fatalf("before the change: %v", err)
			}
			if test.change != nil {
				test.change(t, s)
			}
			caller, key, err := a.Caller(t.Context(), test.key)
			if !fault.Is(err, fault.Unauthenticated) || fault.Message(err) != test.says {
				t.Errorf("got %v, want %q", err, test.says)
			}
			if caller != (access.Caller{}) || !key.Empty() {
				t.Errorf("a refused caller came with %+v", caller)
			}
		})
	}
}

func TestWorkGoesOnForADisabledUser(t *testing.T) {
	t.Parallel()
	s := open(t, store.NewKey())
	user := populate(t, s)
	user.State = resource.AccountDisabled
	if err := store.Update(t.Context(), s, user, "state"); err != nil {
		t.Fatal(err)
	}
	if caller, err := auth.New(s).CallerOf(t.Context(), "u1"); err != nil || caller != ann {
		t.Errorf("%+v, %v", caller, err)
	}
}

func TestForeignSealingKeyIsTheOperatorsProblem(t *testing.T) {
	t.Parallel()
	s := open(t, store.NewKey())
	user := populate(t, s)
	user.SecretKey = open(t, store.NewKey()).Seal(secret.New("the-secret-key"))
	if err := store.Update(t.Context(), s, user, "secret_key"); err != nil {
		t.Fatal(err)
	}
	_, _, err := auth.New(s).Caller(t.Context(), "the-api-key")
	if !fault.Is(err, fault.Internal) || !strings.Contains(err.Error(), "user u1") {
		t.Errorf("got %v", err)
	}
}

func TestKeysAreCloudStacks(t *testing.T) {
	t.Parallel()
	apiKey, secretKey := auth.NewKeys()
	for _, key := range []secret.Text{apiKey, secretKey} {
		raw, err := base64.RawURLEncoding.DecodeString(key.Reveal())
		if err != nil || len(raw) != 64 || len(key.Reveal()) != 86 {
			t.Errorf("a key of %d characters, %d bytes, %v", len(key.Reveal()), len(raw), err)
		}
	}
	if apiKey.Equal(secretKey) {
		t.Error("both keys are the same")
	}
}

func fill(s *store.Store, users int) func(context.Context) error {
	return func(ctx context.Context) error {
		for i := range users {
			user := &resource.User{
				ID: resource.UserID(fmt.Sprintf("filler-%d", i)), AccountID: "a1", Name: fmt.Sprintf("filler-%d", i),
				State: resource.AccountEnabled, APIKey: fmt.Sprintf("api-key-%d", i),
			}
			if err := store.Insert(ctx, s, user); err != nil {
				return err
			}
		}
		return nil
	}
}

// BenchmarkCaller is what each request pays for having no cache; the number of
// users must not matter.
func BenchmarkCaller(b *testing.B) {
	for _, users := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			s := open(b, store.NewKey())
			if err := s.InTx(b.Context(), fill(s, users)); err != nil {
				b.Fatal(err)
			}
			populate(b, s)
			a := auth.New(s)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := a.Caller(b.Context(), "the-api-key"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
