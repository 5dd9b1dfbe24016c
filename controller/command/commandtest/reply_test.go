package commandtest_test

import (
	"slices"
	"testing"

	"github.com/cairn-kvm/cairn/controller/command/commandtest"
)

func TestReply(t *testing.T) {
	t.Parallel()
	reply := commandtest.Reply{"count": 2, "pod": []any{
		map[string]any{"name": "a", "startip": []any{"10.0.0.5"}}, map[string]any{"name": "b"},
	}}
	if got := reply.Text("pod", 0, "startip", 0); got != "10.0.0.5" {
		t.Errorf("a path gives %q", got)
	}
	for _, path := range [][]any{{"pod", 2, "name"}, {"pod", "name"}, {"zone", 0}, {"count", 0, "x"}} {
		if got := reply.Text(path...); got != "" {
			t.Errorf("%v gives %q", path, got)
		}
	}
	if got := reply.Texts("pod", "name"); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("a column gives %q", got)
	}
}
