package tokens

import (
	"context"
	"fmt"

	"github.com/gopassport/passport/application/lookup"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// App is one thing that a person allowed an app of somebody's: a living family.
type App struct {
	Client client.Client
	Family grant.Family
}

// page is how many families are read at a time.
const page = 200

// Apps lists what a person allowed and what lives, the newest first: neither personal access tokens, nor what first-party clients
// hold, nor what no app has fetched yet.
func (s *Service) Apps(ctx context.Context, id user.ID) ([]App, error) {
	known := map[client.ID]client.Client{}
	var all []App
	var last grant.Family
	for len(all) < maxListed {
		families, err := s.t.Lister.Families(ctx, subject.OfUser(string(id)), s.t.Clock.Now(), last, page)
		if err != nil {
			return nil, fmt.Errorf("list families: %w", err)
		}
		for _, f := range families {
			last = f
			c, err := s.holder(ctx, known, f.Client)
			if err != nil {
				return nil, err
			}
			if isApp(c) {
				all = append(all, App{c, f})
			}
		}
		if len(families) < page {
			break
		}
	}
	return all, nil
}

func (s *Service) holder(ctx context.Context, known map[client.ID]client.Client, id client.ID) (client.Client, error) {
	if c, seen := known[id]; seen {
		return c, nil
	}
	c, err := lookup.Client(ctx, s.t.Clients, string(id))
	if err == nil {
		known[id] = c
	}
	return c, err
}

func isApp(c client.Client) bool { return c.ID != "" && !c.FirstParty && !c.MayUse(PersonalType) }

// RevokeApp ends one family of a person's that an app holds. With the last one of an app, what the person allowed it is forgotten: it
// would be back without asking. ports.ErrNotFound where it is not theirs, or is dead.
func (s *Service) RevokeApp(ctx context.Context, id user.ID, family grant.ID, source string) error {
	r, err := s.t.Families.FindRatchet(ctx, family)
	if err != nil {
		return fmt.Errorf("find family: %w", err)
	}
	f := r.Family
	if f.Subject != subject.OfUser(string(id)) || !f.LiveAt(s.t.Clock.Now()) {
		return ports.ErrNotFound
	}
	c, err := lookup.Client(ctx, s.t.Clients, string(f.Client))
	if err != nil {
		return err
	}
	if !isApp(c) {
		return ports.ErrNotFound
	}
	if err := s.endFamily(ctx, f, source); err != nil {
		return err
	}
	return s.forgetIfLast(ctx, id, c.ID, source)
}

func (s *Service) forgetIfLast(ctx context.Context, id user.ID, c client.ID, source string) error {
	left, err := s.Apps(ctx, id)
	if err != nil {
		return err
	}
	for _, a := range left {
		if a.Client.ID == c {
			return nil
		}
	}
	return s.Withdraw(ctx, id, c, source)
}

func (s *Service) endFamily(ctx context.Context, f grant.Family, source string) error {
	e := audit.Entry{Kind: audit.FamilyRevoked, At: s.t.Clock.Now(), Client: f.Client, Subject: f.Subject, Family: f.ID, Source: source}
	if err := s.t.Ledger.RevokeGrant(ctx, grant.Revocation{Family: f.ID, At: e.At}, e); err != nil {
		return fmt.Errorf("revoke family: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return nil
}

// Withdraw ends all that a client holds of a person and forgets that they ever allowed it.
func (s *Service) Withdraw(ctx context.Context, id user.ID, c client.ID, source string) error {
	e := audit.Entry{Kind: audit.ConsentWithdrawn, At: s.t.Clock.Now(), Client: c, Subject: subject.OfUser(string(id)), Source: source}
	if err := s.t.Consents.WithdrawConsent(ctx, id, c, e.At, e); err != nil {
		return fmt.Errorf("withdraw consent: %w", err)
	}
	s.t.Listeners.Tell(ctx, e)
	return nil
}
