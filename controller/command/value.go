package command

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/cairn-kvm/cairn/internal/secret"
)

// set reads one text into a field of any type that a parameter may have.
func set(field reflect.Value, text string) error {
	switch target := field.Addr().Interface().(type) {
	case *secret.Text:
		*target = secret.New(text)
		return nil
	case *time.Time:
		when, err := parseDate(text)
		*target = when
		return err
	}
	switch field.Kind() {
	case reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
		return set(field.Elem(), text)
	case reflect.String:
		field.SetString(text)
	case reflect.Bool:
		field.SetBool(strings.EqualFold(text, "true"))
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		field.SetInt(n)
		return err
	case reflect.Float64:
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		field.SetFloat(n)
		return err
	case reflect.Slice:
		return setList(field, text)
	default:
		return fmt.Errorf("type %s", field.Type())
	}
	return nil
}

// setList reads a comma-separated list; blank members are dropped.
func setList(field reflect.Value, text string) error {
	list := reflect.MakeSlice(field.Type(), 0, strings.Count(text, ",")+1)
	for member := range strings.SplitSeq(text, ",") {
		if member = strings.TrimSpace(member); member == "" {
			continue
		}
		element := reflect.New(field.Type().Elem()).Elem()
		if err := set(element, member); err != nil {
			return err
		}
		list = reflect.Append(list, element)
	}
	field.Set(list)
	return nil
}

var dateForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05", "2006-01-02",
}

func parseDate(text string) (time.Time, error) {
	for _, form := range dateForms {
		if when, err := time.Parse(form, text); err == nil {
			return when.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("date %q", text)
}
