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

// Apps lists what a person allowed and what lives, the newest first: neither personal access tokens, nor what first-party clients
// hold, nor what no app has fetched yet.
func (s *Service) Apps(ctx context.Context, id user.ID) ([]App, error) {
	families, err := s.t.Lister.Families(ctx, subject.OfUser(string(id)), s.t.Clock.Now(), maxListed)
	if err != nil {
		return nil, fmt.Errorf("list families: %w", err)
	}
	known := map[client.ID]client.Client{}
	var all []App
	for _, f := range families {
		if f.SpentAt.IsZero() {
			continue
		}
		c, seen := known[f.Client]
		if !seen {
			if c, err = lookup.Client(ctx, s.t.Clients, string(f.Client)); err != nil {
				return nil, err
			}
			known[f.Client] = c
		}
		if c.ID != "" && !c.FirstParty && !c.MayUse(PersonalType) {
			all = append(all, App{c, f})
		}
	}
	return all, nil
}

// RevokeApp ends one family of a person. ports.ErrNotFound where it is not theirs, or is dead.
func (s *Service) RevokeApp(ctx context.Context, id user.ID, family grant.ID, source string) error {
	apps, err := s.Apps(ctx, id)
	if err != nil {
		return err
	}
	for _, a := range apps {
		if a.Family.ID == family {
			return s.endFamily(ctx, a.Family, source)
		}
	}
	return ports.ErrNotFound
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
