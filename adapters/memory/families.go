package memory

import (
	"context"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// FindCode implements ports.CodeFinder.
func (s *Store) FindCode(ctx context.Context, digests []secret.Digest) (grant.Code, error) {
	return look(ctx, s, func() (grant.Code, error) {
		for _, d := range digests {
			if c, ok := s.codes[d]; ok {
				c.Family = copyFamily(s.families[c.Family.ID])
				c.Owner = s.ownerOf(c.Family)
				return c, nil
			}
		}
		return grant.Code{}, ports.ErrNotFound
	})
}

// ownerOf is how a family's resource owner stands. The lock is held.
func (s *Store) ownerOf(f grant.Family) *grant.Owner {
	u, ok := s.users[user.ID(f.Subject.ID)]
	if !ok || f.Subject.Kind != subject.User {
		return &grant.Owner{By: s}
	}
	return &grant.Owner{By: s, Provider: u.Provider, Enabled: u.Enabled()}
}

// FindRatchet implements ports.RefreshFinder.
func (s *Store) FindRatchet(ctx context.Context, id grant.ID) (token.Ratchet, error) {
	return look(ctx, s, func() (token.Ratchet, error) {
		f, ok := s.families[id]
		if !ok {
			return token.Ratchet{}, ports.ErrNotFound
		}
		return token.Ratchet{Family: copyFamily(f), Owner: s.ownerOf(f), ReadAt: utc(s.clock.Now())}, nil
	})
}
