package storagetest

import (
	"context"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/ports"
)

// losesSessions makes a plant that purges the sessions of people as soon as those of nobody.
func losesSessions(s ports.Storage) ports.Storage {
	var mu sync.Mutex
	var brief time.Time
	s = purges(func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error) {
		mu.Lock()
		defer mu.Unlock()
		brief = w.Brief
		return s.Purger.Purge(ctx, w)
	})(s)
	inner := s.SessionBook
	s.SessionBook = findSessionBy{inner, func(ctx context.Context, d []secret.Digest) (session.Session, error) {
		mu.Lock()
		defer mu.Unlock()
		found, err := inner.FindSession(ctx, d)
		if err == nil && found.ExpiresAt.Before(brief) {
			return session.Session{}, ports.ErrNotFound
		}
		return found, err
	}}
	return s
}

// endsWithDevice makes a plant that ends the families of devices when it purges.
func endsWithDevice(s ports.Storage) ports.Storage {
	var mu sync.Mutex
	var all []grant.ID
	s = approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		if !a.Device.IsZero() {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, a.Family.ID)
		}
		return s.ApprovalBook.Approve(ctx, a, e...)
	})(s)
	return purges(func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error) {
		mu.Lock()
		defer mu.Unlock()
		for _, id := range all {
			_ = s.Ledger.RevokeGrant(ctx, grant.Revocation{Family: id, At: w.Before})
		}
		return s.Purger.Purge(ctx, w)
	})(s)
}

const (
	briefSooner    = "Purge/what is brief goes sooner than the rest"
	briefAtEnd     = "Purge/what is brief and came to its end at the very moment stays"
	briefIfExpired = "Purge/what is brief goes with what expired only"
)

var briefPlants = []plant{
	{"keeps what is brief as long as the rest", []string{
		briefSooner, briefAtEnd, "Purge/what came of a device code outlives it",
	}, asksFor(func(w *ports.Waste) { w.Brief = time.Time{} }), nil},
	{"keeps nothing longer than what is brief", []string{
		briefSooner, briefAtEnd,
	}, asksFor(func(w *ports.Waste) { w.Before = later(w.Before, w.Brief) }), nil},
	{"purges the sessions of people with those of nobody", []string{
		briefSooner, briefAtEnd,
	}, losesSessions, nil},
	{"purges what is brief a moment too early", []string{
		briefAtEnd,
	}, asksFor(func(w *ports.Waste) { w.Brief = w.Brief.Add(time.Microsecond) }), nil},
	{"purges what is brief a moment too late", []string{
		briefAtEnd,
	}, asksFor(func(w *ports.Waste) { w.Brief = w.Brief.Add(-time.Microsecond) }), nil},
	{"purges what is brief whatever it is asked for", []string{
		briefIfExpired,
	}, asksFor(func(w *ports.Waste) {
		if !w.Expired {
			w.Expired, w.Before = true, w.Before.AddDate(-1, 0, 0)
		}
	}), nil},
	{"ends with a device code what came of it", []string{
		"Purge/what came of a device code outlives it",
	}, endsWithDevice, nil},
	{"purges the family first and its device code then", []string{
		"Purge/a purge that is brief has left nothing either",
	}, purges(func(ctx context.Context, s ports.Storage, w ports.Waste) (ports.Purged, error) {
		late, expired := w, w
		late.Brief, expired.Revoked = time.Time{}, false
		first, err := s.Purger.Purge(ctx, late)
		if err != nil {
			return first, err
		}
		second, err := s.Purger.Purge(ctx, expired)
		return first.Plus(second), err
	}), nil},
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
