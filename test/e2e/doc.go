// Package e2e holds the tests of the whole: real programs, a real libvirt, real
// guests, driven by a stock CloudStack client.
//
// In:  package lab's hosts and guests.
// Out: a verdict.
package e2e
