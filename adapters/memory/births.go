package memory

import (
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// mayBeBorn reports ErrRevoked where the client, the person or the sign-in that a family rests on was ended first. A person whom
// the store does not know is one of another directory.
func (s *Store) mayBeBorn(f grant.Family) error {
	c, registered := s.clients[f.Client]
	if !registered || !c.Enabled() {
		return ports.ErrRevoked
	}
	if f.Subject.Kind != subject.User {
		return nil
	}
	id := user.ID(f.Subject.ID)
	if !s.users[id].Enabled() || f.ProvenAt().Before(s.signedOut[id]) {
		return ports.ErrRevoked
	}
	return nil
}

// unborn reports that a family may still come into being.
func (s *Store) unborn(id grant.ID) error {
	f, exists := s.families[id]
	_, stillborn := s.stillborn[id]
	switch {
	case stillborn, exists && !f.RevokedAt.IsZero():
		return ports.ErrRevoked
	case exists:
		return ports.ErrSpent
	}
	return nil
}
