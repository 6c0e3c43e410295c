// Package ports names what the application needs of the outside, one capability a file. An adapter implements them; a use-case
// asks for those it needs and no more.
//
// Methods that write take the audit entries stored with the change, in the same commit. Every method takes the context of the
// request it serves and returns an error of its own making where the outside fails; that error is never a verdict. Facts are the
// sentinels below, to be compared with errors.Is.
package ports

import "errors"

// Facts about storage.
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("exists already")
	ErrConflict = errors.New("was changed meanwhile")
	ErrSpent    = errors.New("already spent")
	ErrExpired  = errors.New("expired")
	ErrRevoked  = errors.New("revoked")
)

// ErrBusy is a fact about us: more is being asked of a bounded resource than it gives. It will be free again soon.
var ErrBusy = errors.New("busy")
