package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/store/storetest"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/secret"
)

// roundTrip writes a record with every field set and reads it back whole: the
// schema has a column for each field and keeps its value.
func roundTrip[T any](t *testing.T, s *store.Store) {
	t.Helper()
	t.Run(reflect.TypeFor[T]().Name(), func(t *testing.T) {
		row := new(T)
		fill(reflect.ValueOf(row).Elem())
		if err := store.Insert(t.Context(), s, row); err != nil {
			t.Fatal(err)
		}
		got, err := store.First[T](t.Context(), s, nil)
		if err != nil {
			t.Fatal(err)
		}
		if wrote, read := text(t, row), text(t, got); wrote != read {
			t.Errorf("wrote %s\nread  %s", wrote, read)
		}
		if err := store.Insert(t.Context(), s, row); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same key twice: %v", err)
		}
	})
}

func text(t *testing.T, row any) string {
	t.Helper()
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func fill(v reflect.Value) {
	when := time.Date(2026, 4, 10, 14, 27, 14, 0, time.UTC)
	for i := range v.NumField() {
		field := v.Field(i)
		switch field.Interface().(type) {
		case time.Time:
			field.Set(reflect.ValueOf(when))
			continue
		case *time.Time:
			field.Set(reflect.ValueOf(&when))
			continue
		case map[string]string:
			field.Set(reflect.ValueOf(map[string]string{"k": "v, \"w\""}))
			continue
		case []string:
			field.Set(reflect.ValueOf([]string{"a", "b"}))
			continue
		}
		switch field.Kind() {
		case reflect.String:
			field.SetString("text")
		case reflect.Int, reflect.Int32, reflect.Int64:
			field.SetInt(7)
		case reflect.Bool:
			field.SetBool(true)
		case reflect.Slice:
			field.SetBytes([]byte{0, 1, 255})
		case reflect.Struct:
			fill(field)
		}
	}
}

func TestEveryRecordHasItsTable(t *testing.T) {
	s := storetest.Open(t)
	roundTrip[resource.Domain](t, s)
	roundTrip[resource.Account](t, s)
	roundTrip[resource.User](t, s)
	roundTrip[resource.Zone](t, s)
	roundTrip[resource.Pod](t, s)
	roundTrip[resource.Cluster](t, s)
	roundTrip[resource.Host](t, s)
	roundTrip[resource.JoinToken](t, s)
	roundTrip[resource.Pool](t, s)
	roundTrip[resource.Store](t, s)
	roundTrip[resource.ServiceOffering](t, s)
	roundTrip[resource.NetworkOffering](t, s)
	roundTrip[resource.Network](t, s)
	roundTrip[resource.Template](t, s)
	roundTrip[resource.SSHKey](t, s)
	roundTrip[resource.VM](t, s)
	roundTrip[resource.Volume](t, s)
	roundTrip[resource.NIC](t, s)
	roundTrip[resource.Job](t, s)
	roundTrip[resource.Flow](t, s)
	roundTrip[resource.Action](t, s)
	roundTrip[resource.Event](t, s)
	roundTrip[resource.SettingValue](t, s)
}

func TestFilters(t *testing.T) {
	s, ctx := storetest.Open(t), t.Context()
	for i, name := range []string{"Alpha", "beta", "gamma_1", "gammaX1"} {
		zone := &resource.Zone{ID: resource.ZoneID(name), Name: name, Created: time.Unix(int64(i), 0).UTC(), LocalStorage: i == 1}
		if err := store.Insert(ctx, s, zone); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		filter store.Filter
		want   []string
	}{
		"no filter":         {nil, []string{"Alpha", "beta", "gamma_1", "gammaX1"}},
		"zero means any":    {store.Filter{"id": "", "name": store.Fold("")}, []string{"Alpha", "beta", "gamma_1", "gammaX1"}},
		"fold":              {store.Filter{"name": store.Fold("aLPHA")}, []string{"Alpha"}},
		"one of":            {store.Filter{"id": []string{"beta", "Alpha"}}, []string{"Alpha", "beta"}},
		"one of none":       {store.Filter{"id": []string{}}, nil},
		"exactly false":     {store.Filter{"local_storage": store.Exactly(false)}, []string{"Alpha", "gamma_1", "gammaX1"}},
		"not":               {store.Filter{"id": store.Not("beta")}, []string{"Alpha", "gamma_1", "gammaX1"}},
		"like escapes":      {store.Filter{"": store.AnyLike("a_1", "name", "id")}, []string{"gamma_1"}},
		"like has any case": {store.Filter{"": store.AnyLike("GAMMA", "name")}, []string{"gamma_1", "gammaX1"}},
		"either": {store.Filter{
			"":     store.Either(store.Filter{"id": "beta"}, store.Filter{"id": "gamma_1", "name": "gamma_1"}),
			"name": store.Not("x"),
		}, []string{"beta", "gamma_1"}},
		"from":              {store.Filter{"created": store.From(time.Unix(2, 0).UTC())}, []string{"gamma_1", "gammaX1"}},
		"injection is data": {store.Filter{"name": "x' OR '1'='1"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := store.All[resource.Zone](ctx, s, test.filter)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, row := range rows {
				got = append(got, row.Name)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	rows, total, err := store.List[resource.Zone](ctx, s, nil, store.Page{Limit: 2, Offset: 3})
	if err != nil || total != 4 || len(rows) != 1 || rows[0].Name != "gammaX1" {
		t.Errorf("page: %v, total %d, %v", rows, total, err)
	}
}

func TestTransactions(t *testing.T) {
	s, ctx := storetest.Open(t), t.Context()
	broken := errors.New("broken")
	hooks := 0
	insert := func(ctx context.Context) error {
		store.AfterCommit(ctx, func() { hooks++ })
		return store.Insert(ctx, s, &resource.Zone{ID: "z", Name: "z"})
	}
	err := s.InTx(ctx, func(ctx context.Context) error { return errors.Join(insert(ctx), broken) })
	if !errors.Is(err, broken) || hooks != 0 {
		t.Errorf("rollback: %v, %d hooks", err, hooks)
	}
	if _, err := store.Get[resource.Zone](ctx, s, resource.ZoneID("z")); !fault.Is(err, fault.NotFound) {
		t.Errorf("after rollback: %v", err)
	}
	nested := func(ctx context.Context) error { return s.InTx(ctx, insert) }
	if err := s.InTx(ctx, nested); err != nil || hooks != 1 {
		t.Errorf("commit: %v, %d hooks", err, hooks)
	}
	if _, err := store.Get[resource.Zone](ctx, s, resource.ZoneID("z")); err != nil {
		t.Errorf("after commit: %v", err)
	}
}

func TestCountersNeverRepeat(t *testing.T) {
	s := storetest.Open(t)
	for want := int64(1); want <= 3; want++ {
		if got, err := s.Next(t.Context(), "vm"); err != nil || got != want {
			t.Fatalf("got %d, %v, want %d", got, err, want)
		}
	}
}

func TestSeal(t *testing.T) {
	s, other := storetest.Open(t), storetest.Open(t)
	sealed := s.Seal(secret.New("hunter2"))
	if text, err := s.Unseal(sealed); err != nil || text.Reveal() != "hunter2" {
		t.Errorf("unseal: %q, %v", text.Reveal(), err)
	}
	if _, err := other.Unseal(sealed); err == nil {
		t.Error("another key opened it")
	}
	if got := s.Seal(secret.New("")); got != nil {
		t.Errorf("the empty secret became %x", got)
	}
}
