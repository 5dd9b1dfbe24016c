package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// entry is one note. A record holds a list of them, which became durable
// together. Exactly one member is set.
type entry struct {
	Begin       *begun    `json:"begin,omitempty"`
	Finish      *finished `json:"finish,omitempty"`
	Acknowledge string    `json:"acknowledge,omitempty"`
	Fence       *fenced   `json:"fence,omitempty"`
}

type begun struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Subject string `json:"subject"`
	Epoch   uint64 `json:"epoch,omitempty"`
	At      int64  `json:"at"` // Unix seconds
}

type finished struct {
	ID     string `json:"id"`
	Result []byte `json:"result"` // agentv1.Result
}

// fenced keeps the highest epoch of a subject whose actions are forgotten.
type fenced struct {
	Subject string `json:"subject"`
	Epoch   uint64 `json:"epoch"`
	At      int64  `json:"at"` // of its last action, Unix seconds
}

func encode(entries []entry) ([]byte, error) { return json.Marshal(entries) }

// decode is strict: what this agent does not understand it must not skip.
func decode(payload []byte) ([]entry, error) {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.DisallowUnknownFields()
	var entries []entry
	if err := decoder.Decode(&entries); err != nil {
		return nil, fmt.Errorf("it was written by another version of the agent: %w", err)
	}
	return entries, nil
}
