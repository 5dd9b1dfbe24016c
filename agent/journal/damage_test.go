package journal_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/agent/journal"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/logging/logtest"
)

func TestEveryFlippedBitIsFound(t *testing.T) {
	t.Parallel()
	data, last := written(t)
	for at := range data {
		for bit := range 8 {
			bad := bytes.Clone(data)
			bad[at] ^= 1 << bit
			records, length, err := journal.Sound(bad)
			if at < last && err == nil {
				t.Fatalf("bit %d of byte %d, before the last record, went unseen", bit, at)
			}
			if at >= last && err == nil && (records != 4 || length != last) {
				t.Fatalf("bit %d of byte %d, in the last record, left %d records", bit, at, records)
			}
		}
	}
}

func TestDamageIsNamed(t *testing.T) {
	t.Parallel()
	data, last := written(t)
	foreign, err := journal.Frame([]byte(`[{"surprise":{}}]`))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(data)
	flipped[20] ^= 1
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"a flipped bit":             {flipped, "record 1 at offset 0: it is damaged, and another record follows"},
		"a hole":                    {append(make([]byte, last), data[last:]...), "record 1 at offset 0"},
		"text after the end":        {append(bytes.Clone(data), "hello"...), fmt.Sprintf("record 6 at offset %d: it does not start as", len(data))},
		"another file altogether":   {[]byte("[agent]\n"), "record 1 at offset 0: it does not start as"},
		"an entry of a newer agent": {append(bytes.Clone(data), foreign...), "record 6 at offset"},
		"length cut short":          {append(append(bytes.Clone(data[:last]), shortened(data[last:])...), 0), "does not reach the end"},
	} {
		dir := t.TempDir()
		_, err := openBytes(t, dir, test.data, logtest.New(t))
		if !fault.Is(err, fault.Internal) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, part := range []string{test.want, filepath.Join(dir, "journal"), "move the file away"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", name, err, part)
			}
		}
		if after := contents(t, dir); !bytes.Equal(after, test.data) {
			t.Errorf("%s: the damaged file was changed", name)
		}
	}
}

func shortened(record []byte) []byte {
	record = bytes.Clone(record)
	record[4]--
	return record
}

func TestATornTailIsCutWithAWarning(t *testing.T) {
	t.Parallel()
	data, last := written(t)
	blank := append(bytes.Clone(data[:last+30]), make([]byte, len(data)-last-30)...)
	for name, torn := range map[string][]byte{
		"half a header":       data[:last+5],
		"half a record":       data[:len(data)-1],
		"unfilled blocks":     append(bytes.Clone(data[:last]), make([]byte, 4096)...),
		"half-filled, in all": blank,
	} {
		var out bytes.Buffer
		dir := t.TempDir()
		j, err := openBytes(t, dir, torn, logtest.Tee(t, &out))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		begin(t, j, start("b", 1), journal.Done)
		begin(t, j, start("c", 1), journal.Fresh)
		if err := j.Close(); err != nil {
			t.Error(err)
		}
		if !strings.Contains(out.String(), "level=WARN") || !strings.Contains(out.String(), fmt.Sprint("offset=", last)) {
			t.Errorf("%s: logged %q", name, out.String())
		}
		if records, length, err := journal.Sound(contents(t, dir)); records != 5 || length != len(contents(t, dir)) || err != nil {
			t.Errorf("%s: afterwards %d records in %d bytes, %v", name, records, length, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	data, last := written(f)
	f.Add(data)
	f.Add(data[:last+7])
	f.Add(append(bytes.Clone(data), 0, 0, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir, log := t.TempDir(), slog.New(slog.DiscardHandler)
		j, err := openBytes(t, dir, data, log)
		if err != nil {
			if !fault.Is(err, fault.Internal) {
				t.Fatal(err)
			}
			return
		}
		first := waiting(j)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if j, err = journal.Open(dir, log); err != nil {
			t.Fatalf("opened once, but not twice: %v", err)
		}
		if again := waiting(j); again != first {
			t.Fatalf("first %q, then %q", first, again)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzSplit(f *testing.F) {
	data, last := written(f)
	f.Add(data)
	f.Add(data[:last+7])
	f.Fuzz(func(t *testing.T, data []byte) {
		records, length, err := journal.Sound(data)
		if err != nil {
			return
		}
		again, sound, err := journal.Sound(data[:length])
		if err != nil || again != records || sound != length {
			t.Fatalf("%d records in %d bytes, then %d in %d, %v", records, length, again, sound, err)
		}
	})
}
