package journal

// batch is a list of entries that become durable with one write: whoever
// comes while a write is under way shares the next one.
type batch struct {
	entries []entry
	written bool
	err     error
}

// commit makes an entry durable and then part of the state.
func (j *Journal) commit(e entry) error {
	j.mu.Lock()
	b := j.open
	b.entries = append(b.entries, e)
	j.mu.Unlock()

	j.writing.Lock()
	defer j.writing.Unlock()
	if !b.written {
		j.write(j.take(b))
	}
	return b.err
}

// take closes a batch for others and adds the acknowledgements that wait.
func (j *Journal) take(b *batch) *batch {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.open = &batch{}
	b.entries = append(j.acks, b.entries...)
	j.acks = nil
	return b
}

// write is called with j.writing held.
func (j *Journal) write(b *batch) {
	b.written = true
	payload, err := encode(b.entries)
	if err == nil {
		err = j.file.append(payload)
	}
	if err == nil {
		err = j.apply(b.entries)
	}
	b.err = err
	if err == nil {
		j.compactIfDue()
	}
}

// apply takes up what has become durable. Acknowledgements were taken up when
// they came.
func (j *Journal) apply(entries []entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range entries {
		if err := j.state.apply(e); err != nil {
			return err
		}
		if e.Finish == nil {
			continue
		}
		if a := j.state.actions[e.Finish.ID]; a != nil {
			j.outbox.put(a.result)
			j.wake()
		}
	}
	return nil
}
