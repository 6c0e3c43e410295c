// Package architecture holds the walls of the house: which folder may import what. walls_test.go is the table to read and to change;
// the rest compares it with what `go list` and the parser report, and is itself shown violations that it must find.
package architecture
