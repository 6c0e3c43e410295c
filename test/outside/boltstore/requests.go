package boltstore

import (
	"context"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var requestsOf = index("requests_of") // a session

// OpenRequest implements ports.RequestBook.
func (s *Store) OpenRequest(ctx context.Context, r grant.Request, keep int) error {
	return s.change(ctx, nil, func(tx *txn) error {
		if _, taken := requests.find(tx, r.Digest.String()); taken {
			return ports.ErrExists
		}
		requests.put(tx, r.Digest.String(), r)
		requestsOf.add(tx, r.Digest.String(), string(r.Session))
		open := openRequests(tx, string(r.Session))
		for _, old := range open[min(keep, len(open)):] {
			removeRequest(tx, old.Digest.String())
		}
		return nil
	})
}

// FindRequest implements ports.RequestBook.
func (s *Store) FindRequest(ctx context.Context, digests []secret.Digest) (grant.Request, error) {
	return look(ctx, s, func(tx *txn) (grant.Request, error) {
		for _, d := range digests {
			if r, ok := requests.find(tx, d.String()); ok {
				return r, nil
			}
		}
		return grant.Request{}, ports.ErrNotFound
	})
}

// ShowRequest implements ports.RequestBook.
func (s *Store) ShowRequest(ctx context.Context, d secret.Digest, to user.ID) error {
	return s.change(ctx, nil, func(tx *txn) error {
		return changeRequest(tx, d, func(r *grant.Request) { r.ShownTo = to })
	})
}

// decide spends a pending request.
func decide(tx *txn, d secret.Digest, at time.Time) error {
	return changeRequest(tx, d, func(r *grant.Request) { r.DecidedAt = at })
}

// changeRequest changes a request that nobody has decided.
func changeRequest(tx *txn, d secret.Digest, change func(*grant.Request)) error {
	r, ok := requests.find(tx, d.String())
	switch {
	case !ok:
		return ports.ErrNotFound
	case !r.DecidedAt.IsZero():
		return ports.ErrSpent
	}
	change(&r)
	requests.put(tx, d.String(), r)
	return nil
}

// openRequests lists the undecided requests of a session, newest first.
func openRequests(tx *txn, session string) []grant.Request {
	var open []grant.Request
	for _, digest := range requestsOf.of(tx, session) {
		if r, ok := requests.find(tx, digest); ok && r.DecidedAt.IsZero() {
			open = append(open, r)
		}
	}
	slices.SortFunc(open, func(a, b grant.Request) int { return b.ArrivedAt.Compare(a.ArrivedAt) })
	return open
}

func removeRequest(tx *txn, digest string) {
	if r, ok := requests.find(tx, digest); ok {
		requests.drop(tx, digest)
		requestsOf.remove(tx, digest, string(r.Session))
	}
}
