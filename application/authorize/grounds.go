package authorize

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// grounds are what a yes rests on; none where the person must be asked.
type grounds int

const (
	saidYes grounds = iota + 1
	remembered
	firstParty
)

// yes is an answer: what it rests on, and which scopes were refused with it.
type yes struct {
	grounds
	refused scope.Set
}

// reason is how an audit entry calls it.
func (g grounds) reason() string { return [...]string{"", "", "remembered", "first_party"}[g] }

// SkipsConsent decides for which requests nobody is asked, though nobody has allowed them before. It is asked only where another
// program cannot be taken for the client: never for a native one.
type SkipsConsent func(c client.Client, u user.User, asked scope.Set) bool

// FirstParty is the rule that holds unless a team has its own: the server's own clients ask nobody.
func FirstParty(c client.Client, _ user.User, _ scope.Set) bool { return c.FirstParty }

// grounds finds what can stand for the person's answer.
func (s *Service) grounds(ctx context.Context, r grant.Request, c client.Client, who user.User) (grounds, error) {
	if !r.MaySkipConsent(c) {
		return 0, nil
	}
	if s.t.Skips(c, who, r.Scopes) {
		return firstParty, nil
	}
	consent, err := s.t.Consents.FindConsent(ctx, who.ID, c.ID)
	switch {
	case errors.Is(err, ports.ErrNotFound), err == nil && !consent.Covers(r.Scopes):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("find consent: %w", err)
	}
	return remembered, nil
}
