package memory

import (
	"context"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// FindAccess implements ports.AccessBook.
func (s *Store) FindAccess(ctx context.Context, id token.ID) (token.Access, error) {
	return look(ctx, s, func() (token.Access, error) {
		a, ok := s.access[id]
		if !ok {
			return token.Access{}, ports.ErrNotFound
		}
		return s.withEnd(a), nil
	})
}

// FindOpaque implements ports.AccessBook. The zero digest is no digest: it finds no JWT's row.
func (s *Store) FindOpaque(ctx context.Context, digests []secret.Digest) (token.Access, error) {
	return look(ctx, s, func() (token.Access, error) {
		for _, a := range s.access {
			if !a.Digest.IsZero() && slices.Contains(digests, a.Digest) {
				return s.withEnd(a), nil
			}
		}
		return token.Access{}, ports.ErrNotFound
	})
}

// RevokeAccess implements ports.AccessBook.
func (s *Store) RevokeAccess(ctx context.Context, id token.ID, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		a, ok := s.access[id]
		switch {
		case !ok:
			return ports.ErrNotFound
		case !a.RevokedAt.IsZero():
			return errSame
		}
		a.RevokedAt = utc(at)
		s.access[id] = a
		return nil
	})
}

// MarkUsed implements ports.AccessBook.
func (s *Store) MarkUsed(ctx context.Context, seen map[token.ID]time.Time) error {
	return s.change(ctx, nil, func() error {
		for id, at := range seen {
			if a, ok := s.access[id]; ok && at.After(a.UsedAt) {
				a.UsedAt = utc(at)
				s.access[id] = a
			}
		}
		return nil
	})
}

// withEnd is the token as it stands: ended by itself, by its family, or by its client.
func (s *Store) withEnd(a token.Access) token.Access {
	a = copyAccess(a)
	if a.RevokedAt.IsZero() {
		a.RevokedAt = s.familyEnd(a)
	}
	if a.RevokedAt.IsZero() {
		a.RevokedAt = s.clientEnd(a)
	}
	return a
}

func (s *Store) familyEnd(a token.Access) time.Time {
	if a.Family == "" {
		return time.Time{}
	}
	f, ok := s.families[a.Family]
	if !ok {
		return a.IssuedAt // without its family the token never counted
	}
	return f.RevokedAt
}

func (s *Store) clientEnd(a token.Access) time.Time {
	c, ok := s.clients[a.Client]
	switch {
	case !ok:
		return a.IssuedAt
	case !c.Enabled():
		return c.DisabledAt
	case a.Family == "" && c.ValidFrom.After(a.IssuedAt):
		return c.ValidFrom
	}
	return time.Time{}
}
