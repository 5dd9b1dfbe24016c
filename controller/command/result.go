package command

import (
	"encoding/json"
)

// Object is what a reply holds. ObjectName is its key in the reply and its
// kind in a ref tag; "" means that the object's fields stand in the envelope
// themselves.
type Object interface{ ObjectName() string }

// Rows is a window of a list, and how many rows there are in all.
type Rows[R Object] struct {
	Total int
	Rows  []R
}

// Success is the result of a command that makes nothing.
type Success struct {
	Success     bool   `json:"success" doc:"true: the operation is done"`
	DisplayText string `json:"displaytext,omitempty" doc:"more about it"`
}

// ObjectName of a success is empty: it stands in the envelope itself.
func (Success) ObjectName() string { return "" }

// Done is the successful Success.
func Done() Success { return Success{Success: true} }

func encodeObject[R Object](object R) (json.RawMessage, error) {
	text, err := json.Marshal(object)
	if err != nil || object.ObjectName() == "" {
		return text, err
	}
	return json.Marshal(map[string]json.RawMessage{object.ObjectName(): text})
}

// encodeRows leaves the rows out when there are none, and the count too when
// nothing matches: CloudStack's clients expect {} then.
func encodeRows[R Object](list Rows[R]) (json.RawMessage, error) {
	var object R
	switch {
	case list.Total == 0:
		return json.RawMessage(`{}`), nil
	case len(list.Rows) == 0:
		return json.Marshal(struct {
			Count int `json:"count"`
		}{list.Total})
	}
	count, err := json.Marshal(list.Total)
	if err != nil {
		return nil, err
	}
	rows, err := json.Marshal(list.Rows)
	if err != nil {
		return nil, err
	}
	name, err := json.Marshal(object.ObjectName())
	if err != nil {
		return nil, err
	}
	text := append([]byte(`{"count":`), count...)
	text = append(append(append(text, ','), name...), ':')
	return append(append(text, rows...), '}'), nil
}
