package ports

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
)

// ClientFinder reads registered clients.
type ClientFinder interface {
	// FindClient returns a client, enabled or not. ErrNotFound where there is none.
	FindClient(ctx context.Context, id client.ID) (client.Client, error)
}

// ClientBook keeps registered clients.
type ClientBook interface {
	// AddClient stores a new client. ErrExists if its ID is taken.
	AddClient(ctx context.Context, c client.Client, entries ...audit.Entry) error
	// UpdateClient replaces a client whose UpdatedAt is still was, and no other: ErrConflict says that somebody else was faster,
	// ErrNotFound that it is gone. c.UpdatedAt is the record's version, and no two versions of a record have the same: see
	// client.Client.ChangedAt. Where c is disabled, its families have ended when the call returns, and one that was being
	// born meanwhile is refused with ErrRevoked or has ended too.
	UpdateClient(ctx context.Context, c client.Client, was time.Time, entries ...audit.Entry) error
	// DeleteClient removes a client and ends what descends from it; once it has returned no token of the client is live.
	// ErrNotFound where there is none.
	DeleteClient(ctx context.Context, id client.ID, at time.Time, entries ...audit.Entry) error
	// Clients lists at most limit clients with an ID greater than after, in the order of their IDs.
	Clients(ctx context.Context, after client.ID, limit int) ([]client.Client, error)
}

// OwnerLister lists what people registered themselves.
type OwnerLister interface {
	// ClientsOf lists the clients of an owner, disabled or not, in the order of their IDs, at most limit.
	ClientsOf(ctx context.Context, owner string, limit int) ([]client.Client, error)
}

// OriginLister lists where browser apps run.
type OriginLister interface {
	// Origins lists the distinct origins that enabled clients are registered with.
	Origins(ctx context.Context) ([]string, error)
}
