package boltstore

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var opaque = plain[token.ID]("opaque") // access tokens by their digest

// FindAccess implements ports.AccessBook.
func (s *Store) FindAccess(ctx context.Context, id token.ID) (token.Access, error) {
	return look(ctx, s, func(tx *txn) (token.Access, error) { return found(findAccess(tx, id)) })
}

// FindOpaque implements ports.AccessBook.
func (s *Store) FindOpaque(ctx context.Context, digests []secret.Digest) (token.Access, error) {
	return look(ctx, s, func(tx *txn) (token.Access, error) {
		for _, d := range digests {
			if id, ok := opaque.find(tx, d.String()); ok {
				return found(findAccess(tx, id))
			}
		}
		return token.Access{}, ports.ErrNotFound
	})
}

// RevokeAccess implements ports.AccessBook.
func (s *Store) RevokeAccess(ctx context.Context, id token.ID, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		a, ok := access.find(tx, string(id))
		switch {
		case !ok:
			return ports.ErrNotFound
		case !a.RevokedAt.IsZero():
			return errSame
		}
		a.RevokedAt = at
		access.put(tx, string(id), a)
		return nil
	})
}

// MarkUsed implements ports.AccessBook.
func (s *Store) MarkUsed(ctx context.Context, seen map[token.ID]time.Time) error {
	return s.change(ctx, nil, func(tx *txn) error {
		for id, at := range seen {
			if a, ok := access.find(tx, string(id)); ok && at.After(a.UsedAt) {
				a.UsedAt = at
				access.put(tx, string(id), a)
			}
		}
		return nil
	})
}

// keepAccess stores an access token. The zero digest is no digest: a JWT is found by its ID only.
func keepAccess(tx *txn, a token.Access) {
	access.put(tx, string(a.ID), a)
	if !a.Digest.IsZero() {
		opaque.put(tx, a.Digest.String(), a.ID)
	}
	if a.Name != "" {
		personalOf.add(tx, string(a.ID), owner(a.Subject)...)
	}
	if a.Family != "" {
		descendants.add(tx, string(a.ID), string(a.Family))
	}
}

// findAccess reads a token as it stands: ended by itself, by its family, or by its client.
func findAccess(tx *txn, id token.ID) (token.Access, bool) {
	a, ok := access.find(tx, string(id))
	if a.RevokedAt.IsZero() {
		a.RevokedAt = familyEnd(tx, a)
	}
	if a.RevokedAt.IsZero() {
		a.RevokedAt = clientEnd(tx, a)
	}
	return a, ok
}

func familyEnd(tx *txn, a token.Access) time.Time {
	if a.Family == "" {
		return time.Time{}
	}
	f, ok := families.find(tx, string(a.Family))
	if !ok {
		return a.IssuedAt // without its family the token never counted
	}
	return f.RevokedAt
}

func clientEnd(tx *txn, a token.Access) time.Time {
	c, ok := clients.find(tx, string(a.Client))
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
