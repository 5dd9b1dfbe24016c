package journal_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cairn-kvm/cairn/agent/journal"
)

// step is one thing that happened to a journal, and how long the file was
// once it had happened.
type step struct {
	do   string // begin, finish, acknowledge
	id   string
	size int
}

// history lets random things happen to a journal.
func history(t *rapid.T, j *journal.Journal) (steps []step) {
	phase := map[string]string{} // id → the last thing that happened to it
	for range rapid.IntRange(1, 12).Draw(t, "steps") {
		id := fmt.Sprint("action-", rapid.IntRange(1, 5).Draw(t, "id"))
		next := map[string]string{"": "begin", "begin": "finish", "finish": "acknowledge"}[phase[id]]
		var err error
		switch next {
		case "begin":
			_, err = j.Begin(start(id, 1))
		case "finish":
			err = j.Finish(result(id))
		case "acknowledge":
			j.Acknowledge(id)
		default:
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		phase[id] = next
		steps = append(steps, step{next, id, int(j.Stats().Bytes)})
	}
	return steps
}

// expected is what a file of this length accounts for, by a model of its own:
// an acknowledgement is written by the first write after it.
func expected(steps []step, length int) map[string]string {
	account, acks := map[string]string{}, []string{}
	for _, s := range steps {
		if s.do == "acknowledge" {
			acks = append(acks, s.id)
			continue
		}
		if s.size > length {
			break
		}
		for _, id := range acks {
			account[id] = "acknowledge"
		}
		account[s.id], acks = s.do, nil
	}
	return account
}

// account asks a journal for what the model tells.
func account(t testing.TB, j *journal.Journal) map[string]string {
	got := map[string]string{}
	unsent := " " + waiting(j) + " "
	for n := range 5 {
		id := fmt.Sprint("action-", n+1)
		verdict, err := j.Begin(start(id, 1))
		switch {
		case err != nil:
			t.Fatal(err)
		case verdict == journal.Resumed:
			got[id] = "begin"
		case verdict == journal.Done && strings.Contains(unsent, " "+id+" "):
			got[id] = "finish"
		case verdict == journal.Done:
			got[id] = "acknowledge"
		}
	}
	return got
}

func openBytes(t testing.TB, dir string, data []byte, log *slog.Logger) (*journal.Journal, error) {
	if err := os.WriteFile(filepath.Join(dir, "journal"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return journal.Open(dir, log)
}

func TestACrashAtAnyByteLosesOnlyTheTornRecord(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	rapid.Check(t, func(rt *rapid.T) {
		dir, crashed := t.TempDir(), t.TempDir()
		j, err := journal.Open(dir, log)
		if err != nil {
			rt.Fatal(err)
		}
		steps := history(rt, j)
		data := contents(t, dir)
		if err := j.Close(); err != nil {
			rt.Fatal(err)
		}
		length := rapid.IntRange(0, len(data)).Draw(rt, "length")
		after, err := openBytes(t, crashed, data[:length], log)
		if err != nil {
			rt.Fatalf("cut at %d of %d: %v", length, len(data), err)
		}
		got, want := account(t, after), expected(steps, length)
		if err := after.Close(); err != nil {
			rt.Fatal(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("cut at %d of %d after %v:\n got %v\nwant %v", length, len(data), steps, got, want)
		}
	})
}

// written is a journal of six records and the offset of its last one.
func written(t testing.TB) (data []byte, last int) {
	dir := t.TempDir()
	j := open(t, dir)
	for _, id := range []string{"a", "b", "c"} {
		last = int(j.Stats().Bytes)
		if _, err := j.Begin(start(id, 1)); err != nil {
			t.Fatal(err)
		}
		if id == "c" {
			break
		}
		if err := j.Finish(result(id)); err != nil {
			t.Fatal(err)
		}
	}
	return contents(t, dir), last
}

func TestEveryPrefixOpens(t *testing.T) {
	t.Parallel()
	data, _ := written(t)
	records, length := 0, 0
	for end := range len(data) + 1 {
		gotRecords, gotLength, err := journal.Sound(data[:end])
		if err != nil {
			t.Fatalf("cut at %d: %v", end, err)
		}
		if gotLength > length {
			records, length = records+1, gotLength
		}
		if gotRecords != records || gotLength != length {
			t.Fatalf("cut at %d: %d records in %d bytes, want %d in %d", end, gotRecords, gotLength, records, length)
		}
	}
	if records != 5 || length != len(data) {
		t.Errorf("the whole file has %d records in %d of %d bytes", records, length, len(data))
	}
}
