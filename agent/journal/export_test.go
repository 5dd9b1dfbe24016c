package journal

import "time"

// Disk lets a test stand between the journal and its file.
type Disk = disk

// Wrap replaces the open file.
func (j *Journal) Wrap(wrap func(Disk) Disk) { j.file.disk = wrap(j.file.disk) }

// Sound is the number of records that data starts with and the length that
// they take.
func Sound(data []byte) (records, length int, err error) {
	payloads, sound, err := split(data)
	return len(payloads), sound, err
}

// Frame makes a record.
var Frame = frame

// Age moves every note of the journal into the past, and forgets what is too old.
func (j *Journal) Age(by time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.state.prune(time.Now().Add(by))
}

// CompactNow rewrites the file whatever its size.
func (j *Journal) CompactNow() error {
	j.writing.Lock()
	defer j.writing.Unlock()
	return j.file.rewrite(j.state.entries())
}
