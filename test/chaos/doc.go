// Package chaos holds the tests that kill: real programs end without a word at
// random moments of real work, are started again, and what they left is
// compared with what was promised.
//
// In:  a cloud of package cloud, a seed.
// Out: a verdict, and the table of the moments.
package chaos
