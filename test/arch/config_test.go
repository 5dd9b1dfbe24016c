package arch_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/agent"
	"github.com/cairn-kvm/cairn/controller"
)

// TestExampleConfigurations: the examples in docs/etc hold every key, and each
// with its default.
func TestExampleConfigurations(t *testing.T) {
	example(t, "controller", controller.ReadConfig, controller.Default())
	example(t, "agent", agent.ReadConfig, agent.Default())
}

func example[C any](t *testing.T, name string, read func(string) (C, error), want C) {
	t.Helper()
	path := root + "/docs/etc/" + name + ".toml"
	got, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	// An empty list is what no list is.
	if g, w := normal(got), normal(want); !reflect.DeepEqual(g, w) {
		t.Errorf("%s is\n%+v\nthe defaults are\n%+v", path, g, w)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys(reflect.TypeFor[C]()) {
		if !regexp.MustCompile(`(?m)^` + key + ` = `).Match(text) {
			t.Errorf("%s does not show %s", path, key)
		}
	}
}

func normal(config any) any {
	copied := reflect.New(reflect.TypeOf(config)).Elem()
	copied.Set(reflect.ValueOf(config))
	empty(copied)
	return copied.Interface()
}

func empty(v reflect.Value) {
	for i := range v.NumField() {
		switch field := v.Field(i); field.Kind() {
		case reflect.Struct:
			empty(field)
		case reflect.Slice:
			if field.Len() == 0 {
				field.SetZero()
			}
		}
	}
}

// keys are the names of the values, without those of the tables.
func keys(t reflect.Type) []string {
	var list []string
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Type.Kind() == reflect.Struct && !strings.Contains(field.Type.String(), "time.") {
			list = append(list, keys(field.Type)...)
			continue
		}
		list = append(list, field.Tag.Get("toml"))
	}
	return list
}
