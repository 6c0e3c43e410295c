package boltstore

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
)

// FindConsent implements ports.ConsentBook.
func (s *Store) FindConsent(ctx context.Context, u user.ID, c client.ID) (grant.Consent, error) {
	return look(ctx, s, func(tx *txn) (grant.Consent, error) { return found(consents.find(tx, consentKey(u, c))) })
}

// Consents implements ports.ConsentBook.
func (s *Store) Consents(ctx context.Context, u user.ID) ([]grant.Consent, error) {
	return look(ctx, s, func(tx *txn) ([]grant.Consent, error) {
		return consents.page(tx, consentKey(u, ""), "", everything), nil
	})
}

// WithdrawConsent implements ports.ConsentBook.
func (s *Store) WithdrawConsent(ctx context.Context, u user.ID, c client.ID, at time.Time, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(tx *txn) error {
		_, remembered := consents.find(tx, consentKey(u, c))
		consents.drop(tx, consentKey(u, c))
		if ended := endFamilies(tx, at, liveOf(tx, subject.OfUser(string(u)), c)); ended == 0 && !remembered {
			return errSame
		}
		return nil
	})
}

// consentKey begins with the person and ends with the client as it is, so that a person's consents are in the order of the clients.
func consentKey(u user.ID, c client.ID) string { return join(string(u)) + string(c) }

// remember adds to what a person allowed a client, and takes out what they refused this time: that also where nothing is added.
func remember(tx *txn, a grant.Approval) {
	k := consentKey(user.ID(a.Family.Subject.ID), a.Family.Client)
	c, known := consents.find(tx, k)
	switch {
	case a.Consent.User != "" && known:
		c.Scopes, c.UpdatedAt = c.Scopes.Union(a.Consent.Scopes), a.Consent.UpdatedAt
	case a.Consent.User != "":
		c = a.Consent
	case known && !c.Scopes.Intersect(a.Forgets).Empty():
		c.UpdatedAt = a.Family.CreatedAt
	default:
		return
	}
	c.Scopes = c.Scopes.Without(a.Forgets)
	consents.put(tx, k, c)
}

// forgetClient forgets what people allowed a client that is gone.
func forgetClient(tx *txn, id client.ID) {
	for _, c := range consents.all(tx) {
		if c.Client == id {
			consents.drop(tx, consentKey(c.User, id))
		}
	}
}
