package resource

import "time"

// JobID is the uuid that the caller polls.
type JobID string

// JobStatus: the numbers are CloudStack's, but that a waiting and a running
// job are both 0 on the wire.
type JobStatus int

const (
	JobPending   JobStatus = 0
	JobSucceeded JobStatus = 1
	JobFailed    JobStatus = 2
	JobRunning   JobStatus = 3
)

// Finished reports whether the status is final.
func (s JobStatus) Finished() bool { return s == JobSucceeded || s == JobFailed }

// Job is an accepted asynchronous command. Params are the request as it came
// in (name → value), secrets sealed one by one. Jobs with one QueueKey run one
// at a time in the order of Seq.
type Job struct {
	Seq int64 `bun:"seq,pk,autoincrement"`
	ID  JobID `bun:"id"`
	Owner
	UserID       UserID            `bun:"user_id"`
	Command      string            `bun:"command"`
	Params       map[string]string `bun:"params"`
	QueueKey     string            `bun:"queue_key"` // "<kind>/<id>", or "" for no order
	InstanceType string            `bun:"instance_type"`
	InstanceID   string            `bun:"instance_id"`
	Event        string            `bun:"event"`
	Status       JobStatus         `bun:"status"`
	Worker       string            `bun:"worker"` // who holds the lease
	Lease        Time              `bun:"lease"`  // a running job past it is up for grabs
	NotBefore    Time              `bun:"not_before"`
	Attempt      int               `bun:"attempt"`
	Timeout      time.Duration     `bun:"timeout"` // from the first start
	Started      *Time             `bun:"started"`
	Result       Sealed            `bun:"result"` // JSON object
	FaultKind    int32             `bun:"fault_kind"`
	FaultText    string            `bun:"fault_text"`
	Created      Time              `bun:"created"`
	Completed    *Time             `bun:"completed"`
}

// Flow is how far the workflow of a job has come. State is the workflow's own
// JSON and holds no secret.
type Flow struct {
	JobID     JobID  `bun:"job_id,pk"`
	Name      string `bun:"name"`
	Step      int    `bun:"step"` // the one to do, or to undo, next
	Undoing   bool   `bun:"undoing"`
	State     []byte `bun:"state"`
	FaultKind int32  `bun:"fault_kind"`
	FaultText string `bun:"fault_text"`
	FaultMore string `bun:"fault_more"`
}

// ActionState is the life of an action at the controller.
type ActionState string

const (
	ActionPending   ActionState = "pending"   // to be sent, and sent again, until its result is here
	ActionDone      ActionState = "done"      // the result is here
	ActionAbandoned ActionState = "abandoned" // nobody waits: never sent again, a late result is dropped
)

// Action is one thing that a host shall do. Payload is the sealed wire form,
// gone when the action is done.
type Action struct {
	Seq     int64       `bun:"seq,pk,autoincrement"`
	ID      string      `bun:"id"` // "<job>/<step>" or "<job>/<step>/undo"
	JobID   JobID       `bun:"job_id"`
	HostID  HostID      `bun:"host_id"`
	Subject string      `bun:"subject"`
	Kind    string      `bun:"kind"`
	Payload Sealed      `bun:"payload"`
	State   ActionState `bun:"state"`
	Result  []byte      `bun:"result"`
	Created Time        `bun:"created"`
	// NotBefore holds an undo back that is to be tried again.
	NotBefore Time  `bun:"not_before"`
	Settled   *Time `bun:"settled"`
}

// Event is one line of what happened, for listEvents and for auditors.
type Event struct {
	Seq int64  `bun:"seq,pk,autoincrement"`
	ID  string `bun:"id"`
	Owner
	UserID       UserID `bun:"user_id"`
	JobID        JobID  `bun:"job_id"`
	Type         string `bun:"type"`
	State        string `bun:"state"` // Created, Scheduled, Started, Completed
	Level        string `bun:"level"` // INFO, ERROR
	Description  string `bun:"description"`
	ResourceType string `bun:"resource_type"`
	ResourceID   string `bun:"resource_id"`
	Created      Time   `bun:"created"`
}

// SettingValue is a setting whose value differs from its default. ScopeID is
// "" for the global scope.
type SettingValue struct {
	Name    string `bun:"name,pk"`
	Scope   string `bun:"scope,pk"`
	ScopeID string `bun:"scope_id,pk"`
	Value   string `bun:"value"`
}
