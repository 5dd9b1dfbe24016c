package commandtest

import "fmt"

// Reply is the JSON object inside a reply's envelope.
type Reply map[string]any

// At follows names and indices into the reply, nil where there is nothing.
func (r Reply) At(path ...any) any {
	var at any = map[string]any(r)
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := at.(map[string]any)
			at = object[step]
		case int:
			list, _ := at.([]any)
			if step >= len(list) {
				return nil
			}
			at = list[step]
		}
	}
	return at
}

// Text is At as it reads, "" where there is nothing.
func (r Reply) Text(path ...any) string {
	at := r.At(path...)
	if at == nil {
		return ""
	}
	return fmt.Sprint(at)
}

// Texts gives one field of each row of a list, in order.
func (r Reply) Texts(rows, field string) []string {
	list, _ := r[rows].([]any)
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = r.Text(rows, i, field)
	}
	return texts
}

// NoSuch is the sentence about an id that is not there, or not for the caller.
func NoSuch(command, param, value string) string {
	return "Unable to execute API command " + command + " due to invalid value. Invalid parameter " + param + " value=" + value +
		" due to incorrect long value format, or entity does not exist or due to incorrect parameter annotation for the field in api cmd class."
}
