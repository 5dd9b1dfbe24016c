// Package script runs txtar scripts against a whole cloud in one process: a
// controller, and agents on simulated hosts, joined over real streams. A
// script reads like the manual; README.md lists its words. Beside them stand
// the audits, which hold over every command that is declared.
//
// In:  the scripts in this folder; the catalogue of commands.
// Out: a verdict on each, and the list of commands that none of them calls.
package script
