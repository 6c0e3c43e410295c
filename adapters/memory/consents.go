package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

type consentKey struct {
	user   user.ID
	client client.ID
}

// FindConsent implements ports.ConsentBook.
func (s *Store) FindConsent(ctx context.Context, u user.ID, c client.ID) (grant.Consent, error) {
	return look(ctx, s, func() (grant.Consent, error) {
		found, ok := s.consents[consentKey{u, c}]
		if !ok {
			return found, ports.ErrNotFound
		}
		return found, nil
	})
}

// Consents implements ports.ConsentBook.
func (s *Store) Consents(ctx context.Context, u user.ID) ([]grant.Consent, error) {
	return look(ctx, s, func() ([]grant.Consent, error) {
		var all []grant.Consent
		for _, c := range s.consents {
			if c.User == u {
				all = append(all, c)
			}
		}
		slices.SortFunc(all, func(a, b grant.Consent) int { return cmp.Compare(a.Client, b.Client) })
		return all, nil
	})
}

// WithdrawConsent implements ports.ConsentBook.
func (s *Store) WithdrawConsent(ctx context.Context, u user.ID, c client.ID, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func() error {
		_, remembered := s.consents[consentKey{u, c}]
		delete(s.consents, consentKey{u, c})
		who := subject.OfUser(string(u))
		err := s.endFamilies(at, func(f grant.Family) bool { return f.Subject == who && f.Client == c })
		if remembered && errors.Is(err, errSame) {
			return nil
		}
		return err
	})
}

// remember adds to what a person allowed a client, and takes out what they refused this time. Where they are to be asked again anyway,
// nothing is added and they may still have refused something.
func (s *Store) remember(a grant.Approval) {
	k := consentKey{user.ID(a.Family.Subject.ID), a.Family.Client}
	c, known := s.consents[k]
	switch {
	case a.Consent.User != "" && known:
		c.Scopes, c.UpdatedAt = c.Scopes.Union(a.Consent.Scopes), utc(a.Consent.UpdatedAt)
	case a.Consent.User != "":
		c = a.Consent
		c.CreatedAt, c.UpdatedAt = utc(c.CreatedAt), utc(c.UpdatedAt)
	case known && !c.Scopes.Intersect(a.Forgets).Empty():
		c.UpdatedAt = utc(a.Family.CreatedAt)
	default:
		return
	}
	c.Scopes = c.Scopes.Without(a.Forgets)
	s.consents[k] = c
}
