package command

import "strings"

// Constant filters by a property that has the same value in every record, and
// so no column: any record matches that value in any case or an empty wish,
// none matches another.
func Constant(value, wanted string) any {
	return Never(wanted != "" && !strings.EqualFold(value, wanted))
}

// Never filters by a claim that holds for no record.
func Never(wanted bool) any {
	if wanted {
		return []string{}
	}
	return nil
}
