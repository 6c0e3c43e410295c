// Package system gives what the machine has: its clock, its randomness, and the rules of Unicode for names.
package system

import "time"

// Clock is the wall clock. It follows the machine's time where that is set: a clock that only ever ran forward would disagree
// with the database and with every other process for as long as this one lives.
type Clock struct{}

// Now implements ports.Clock.
func (Clock) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
