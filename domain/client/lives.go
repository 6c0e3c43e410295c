package client

import (
	"cmp"
	"time"
)

// Lives are how long tokens live. A zero says nothing: see Or.
type Lives struct {
	Access  time.Duration // an access token
	Idle    time.Duration // a refresh token that is not used
	Refresh time.Duration // a refresh token, however it is used: everything that descends from one approval
}

// Or fills what l leaves open.
func (l Lives) Or(others Lives) Lives {
	return Lives{cmp.Or(l.Access, others.Access), cmp.Or(l.Idle, others.Idle), cmp.Or(l.Refresh, others.Refresh)}
}

const (
	shortest = time.Second
	longest  = 10 * 365 * 24 * time.Hour
)

// Valid reports whether each is open or between a second and ten years.
func (l Lives) Valid() bool {
	for _, d := range []time.Duration{l.Access, l.Idle, l.Refresh} {
		if d != 0 && (d < shortest || d > longest) {
			return false
		}
	}
	return true
}
