package passporttest

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

type tappedClientFinder struct {
	next    ports.ClientFinder
	between Between
}

// FindClient implements ports.ClientFinder.
func (t tappedClientFinder) FindClient(ctx context.Context, id client.ID) (client.Client, error) {
	return asked(ctx, t.between, Call{"ClientFinder", "FindClient"}, func() (client.Client, error) { return t.next.FindClient(ctx, id) })
}

type tappedClientBook struct {
	next    ports.ClientBook
	between Between
}

// AddClient implements ports.ClientBook.
func (t tappedClientBook) AddClient(ctx context.Context, c client.Client, entries ...audit.Entry) error {
	return t.between(ctx, Call{"ClientBook", "AddClient"}, func() error { return t.next.AddClient(ctx, c, entries...) })
}

// UpdateClient implements ports.ClientBook.
func (t tappedClientBook) UpdateClient(ctx context.Context, c client.Client, was time.Time, entries ...audit.Entry) error {
	return t.between(ctx, Call{"ClientBook", "UpdateClient"}, func() error { return t.next.UpdateClient(ctx, c, was, entries...) })
}

// DeleteClient implements ports.ClientBook.
func (t tappedClientBook) DeleteClient(ctx context.Context, id client.ID, at time.Time, entries ...audit.Entry) error {
	return t.between(ctx, Call{"ClientBook", "DeleteClient"}, func() error { return t.next.DeleteClient(ctx, id, at, entries...) })
}

// Clients implements ports.ClientBook.
func (t tappedClientBook) Clients(ctx context.Context, after client.ID, limit int) ([]client.Client, error) {
	return asked(ctx, t.between, Call{"ClientBook", "Clients"}, func() ([]client.Client, error) { return t.next.Clients(ctx, after, limit) })
}

type tappedOriginLister struct {
	next    ports.OriginLister
	between Between
}

// Origins implements ports.OriginLister.
func (t tappedOriginLister) Origins(ctx context.Context) ([]string, error) {
	return asked(ctx, t.between, Call{"OriginLister", "Origins"}, func() ([]string, error) { return t.next.Origins(ctx) })
}

type tappedOwnerLister struct {
	next    ports.OwnerLister
	between Between
}

// ClientsOf implements ports.OwnerLister.
func (t tappedOwnerLister) ClientsOf(ctx context.Context, owner string, limit int) ([]client.Client, error) {
	return asked(ctx, t.between, Call{"OwnerLister", "ClientsOf"}, func() ([]client.Client, error) { return t.next.ClientsOf(ctx, owner, limit) })
}

type tappedPersonalClients struct {
	next    ports.PersonalClients
	between Between
}

// PersonalClient implements ports.PersonalClients.
func (t tappedPersonalClients) PersonalClient(ctx context.Context, provider string) (client.ID, error) {
	return asked(ctx, t.between, Call{"PersonalClients", "PersonalClient"}, func() (client.ID, error) { return t.next.PersonalClient(ctx, provider) })
}

// SetPersonalClient implements ports.PersonalClients.
func (t tappedPersonalClients) SetPersonalClient(ctx context.Context, provider string, id client.ID, at time.Time, entries ...audit.Entry) error {
	return t.between(ctx, Call{"PersonalClients", "SetPersonalClient"}, func() error { return t.next.SetPersonalClient(ctx, provider, id, at, entries...) })
}

type tappedUserFinder struct {
	next    ports.UserFinder
	between Between
}

// Wrapped implements ports.Wrapper.
func (t tappedUserFinder) Wrapped() (by, behind any) { return t, t.next }

// FindUser implements ports.UserFinder.
func (t tappedUserFinder) FindUser(ctx context.Context, id user.ID) (user.User, error) {
	return asked(ctx, t.between, Call{"UserFinder", "FindUser"}, func() (user.User, error) { return t.next.FindUser(ctx, id) })
}

// FindUsername implements ports.UserFinder.
func (t tappedUserFinder) FindUsername(ctx context.Context, provider, username string) (user.User, error) {
	return asked(ctx, t.between, Call{"UserFinder", "FindUsername"}, func() (user.User, error) { return t.next.FindUsername(ctx, provider, username) })
}

type tappedUserBook struct {
	next    ports.UserBook
	between Between
}

// AddUser implements ports.UserBook.
func (t tappedUserBook) AddUser(ctx context.Context, u user.User, entries ...audit.Entry) error {
	return t.between(ctx, Call{"UserBook", "AddUser"}, func() error { return t.next.AddUser(ctx, u, entries...) })
}

// UpdateUser implements ports.UserBook.
func (t tappedUserBook) UpdateUser(ctx context.Context, u user.User, was time.Time, entries ...audit.Entry) error {
	return t.between(ctx, Call{"UserBook", "UpdateUser"}, func() error { return t.next.UpdateUser(ctx, u, was, entries...) })
}

// Users implements ports.UserBook.
func (t tappedUserBook) Users(ctx context.Context, after user.ID, limit int) ([]user.User, error) {
	return asked(ctx, t.between, Call{"UserBook", "Users"}, func() ([]user.User, error) { return t.next.Users(ctx, after, limit) })
}

type tappedSessionBook struct {
	next    ports.SessionBook
	between Between
}

// OpenSession implements ports.SessionBook.
func (t tappedSessionBook) OpenSession(ctx context.Context, s session.Session) error {
	return t.between(ctx, Call{"SessionBook", "OpenSession"}, func() error { return t.next.OpenSession(ctx, s) })
}

// FindSession implements ports.SessionBook.
func (t tappedSessionBook) FindSession(ctx context.Context, digests []secret.Digest) (session.Session, error) {
	return asked(ctx, t.between, Call{"SessionBook", "FindSession"}, func() (session.Session, error) { return t.next.FindSession(ctx, digests) })
}

// ReplaceSession implements ports.SessionBook.
func (t tappedSessionBook) ReplaceSession(ctx context.Context, s session.Session, was secret.Digest, entries ...audit.Entry) error {
	return t.between(ctx, Call{"SessionBook", "ReplaceSession"}, func() error { return t.next.ReplaceSession(ctx, s, was, entries...) })
}

// EndSession implements ports.SessionBook.
func (t tappedSessionBook) EndSession(ctx context.Context, id session.ID, at time.Time, entries ...audit.Entry) error {
	return t.between(ctx, Call{"SessionBook", "EndSession"}, func() error { return t.next.EndSession(ctx, id, at, entries...) })
}

type tappedAttemptBook struct {
	next    ports.AttemptBook
	between Between
}

// Attempt implements ports.AttemptBook.
func (t tappedAttemptBook) Attempt(ctx context.Context, buckets []ports.Bucket, at time.Time) (time.Duration, error) {
	return asked(ctx, t.between, Call{"AttemptBook", "Attempt"}, func() (time.Duration, error) { return t.next.Attempt(ctx, buckets, at) })
}

// Forgive implements ports.AttemptBook.
func (t tappedAttemptBook) Forgive(ctx context.Context, buckets []ports.Bucket) error {
	return t.between(ctx, Call{"AttemptBook", "Forgive"}, func() error { return t.next.Forgive(ctx, buckets) })
}
