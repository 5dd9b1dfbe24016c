// Package resource holds what the controller keeps: plain records, their ids
// as types that cannot be crossed, and the legal moves of their states. It
// knows neither SQL nor the wire; the struct tags name columns for package
// store.
//
// In:  nothing; every other package speaks in these types.
// Out: records, to package store; states, to package view.
package resource
