package ports

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
)

// TokenLister lists what a resource owner has given away.
type TokenLister interface {
	// PersonalTokens lists the personal access tokens (those with a name) of a person that live at a time: neither expired, nor ended
	// by their own end, their family's or their client's; the newest first, at most limit.
	PersonalTokens(ctx context.Context, u user.ID, at time.Time, limit int) ([]token.Access, error)
	// Families lists the families of a resource owner that live at a time and of which something was redeemed, the newest first, at
	// most limit: those that come after another family in that order, where one is given.
	Families(ctx context.Context, s subject.Subject, at time.Time, after grant.Family, limit int) ([]grant.Family, error)
}

// PersonalClients knows which client stands for the personal access tokens of each user provider.
type PersonalClients interface {
	// PersonalClient returns it for a provider. ErrNotFound where there is none.
	PersonalClient(ctx context.Context, provider string) (client.ID, error)
	// SetPersonalClient makes a client the one of a provider; the one before stays a client.
	SetPersonalClient(ctx context.Context, provider string, id client.ID, at time.Time, entries ...audit.Entry) error
}
