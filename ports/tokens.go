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
	// PersonalTokens lists a person's personal access tokens (those with a name), the newest first, at most limit. What is dead by
	// its own end or its family's has RevokedAt set; what is expired may be missing.
	PersonalTokens(ctx context.Context, u user.ID, limit int) ([]token.Access, error)
	// Families lists the families of a resource owner that live at a time, the newest first, at most limit.
	Families(ctx context.Context, s subject.Subject, at time.Time, limit int) ([]grant.Family, error)
}

// PersonalClients knows which client stands for the personal access tokens of each user provider.
type PersonalClients interface {
	// PersonalClient returns it for a provider. ErrNotFound where there is none.
	PersonalClient(ctx context.Context, provider string) (client.ID, error)
	// SetPersonalClient makes a client the one of a provider; the one before stays a client.
	SetPersonalClient(ctx context.Context, provider string, id client.ID, at time.Time, entries ...audit.Entry) error
}
