package memory

import (
	"context"
	"slices"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// OpenRequest implements ports.RequestBook.
func (s *Store) OpenRequest(ctx context.Context, r grant.Request, keep int) error {
	return s.change(ctx, nil, func() error {
		if _, taken := s.requests[r.Digest]; taken {
			return ports.ErrExists
		}
		s.requests[r.Digest] = copyRequest(r)
		var open []grant.Request
		for _, other := range s.requests {
			if other.Session == r.Session && other.DecidedAt.IsZero() {
				open = append(open, other)
			}
		}
		slices.SortFunc(open, func(a, b grant.Request) int { return b.ArrivedAt.Compare(a.ArrivedAt) })
		for _, old := range open[min(keep, len(open)):] {
			delete(s.requests, old.Digest)
		}
		return nil
	})
}

// FindRequest implements ports.RequestBook.
func (s *Store) FindRequest(ctx context.Context, digests []secret.Digest) (grant.Request, error) {
	return look(ctx, s, func() (grant.Request, error) {
		for _, d := range digests {
			if r, ok := s.requests[d]; ok {
				return copyRequest(r), nil
			}
		}
		return grant.Request{}, ports.ErrNotFound
	})
}

// ShowRequest implements ports.RequestBook.
func (s *Store) ShowRequest(ctx context.Context, d secret.Digest, to user.ID) error {
	return s.change(ctx, nil, func() error {
		r, ok := s.requests[d]
		switch {
		case !ok:
			return ports.ErrNotFound
		case !r.DecidedAt.IsZero():
			return ports.ErrSpent
		}
		r.ShownTo = to
		s.requests[d] = r
		return nil
	})
}
