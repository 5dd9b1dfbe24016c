// Package view makes the objects that the API answers with: CloudStack's
// names and types, from our records. What a reply shows to whom is decided
// here and nowhere else. Each field has a json tag (the wire's name) and a doc
// tag; listApis and the API's documentation are made from them.
//
// In:  records, from package store; who asks, from package access.
// Out: response objects, to the commands.
package view

import "time"

// Date is a moment as CloudStack writes it: no colon in the zone's offset.
type Date struct{ time.Time }

// IsDate marks the type for listApis.
func (Date) IsDate() {}

// DateForm is the layout of a date on the wire.
const DateForm = "2006-01-02T15:04:05-0700"

// MarshalText gives the wire's form.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.UTC().Format(DateForm)), nil }

// MarshalJSON gives the wire's form; the one of time.Time has a colon.
func (d Date) MarshalJSON() ([]byte, error) { return []byte(`"` + d.UTC().Format(DateForm) + `"`), nil }

// At makes a date.
func At(when time.Time) Date { return Date{when} }

// AtOrNil makes a date of a moment that may not have come.
func AtOrNil(when *time.Time) *Date {
	if when == nil {
		return nil
	}
	return &Date{*when}
}
