package action

// Before lets a test fail, or hold up, a step before it is done.
func (r *Runner) Before(hook func(kind, step string) error) { r.before = hook }

// Kinds are the kinds that have a handler.
func Kinds() (list []string) {
	for kind := range kinds {
		list = append(list, kind)
	}
	return list
}

// Hangs is how long an action may take to notice that its time is over.
const Hangs = hangs
