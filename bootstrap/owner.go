package bootstrap

import (
	"context"
	"time"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
)

// ResourceOwner is a team's own type of a person, as far as the server must know it.
type ResourceOwner interface {
	// PassportID is the ID by which the directory knows the person: see ports.UserFinder.
	PassportID() string
}

// Owner is what a person gave away, and may give away: what HasApiTokens is to a Laravel model.
type Owner struct {
	id user.ID
	s  *Server
}

// Owner returns what belongs to a person.
func (s *Server) Owner(o ResourceOwner) Owner { return Owner{user.ID(o.PassportID()), s} }

// CreateToken makes a personal access token, whose Value is shown this once; a life of zero is the configured one. See tokens.Service.Create
// for its errors.
func (o Owner) CreateToken(ctx context.Context, name string, scopes []string, life time.Duration) (tokens.Personal, error) {
	return o.s.Tokens.Create(ctx, o.id, tokens.Wish{Name: name, Scopes: scope.Of(scopes...), Life: life})
}

// Tokens lists the personal access tokens that live, the newest first.
func (o Owner) Tokens(ctx context.Context) ([]token.Access, error) { return o.s.Tokens.List(ctx, o.id) }

// RevokeToken ends one of them. ports.ErrNotFound where it is not the person's, or none.
func (o Owner) RevokeToken(ctx context.Context, id token.ID) error {
	return o.s.Tokens.Revoke(ctx, o.id, id, "")
}

// AuthorizedApps lists what apps of others hold of the person, the newest first.
func (o Owner) AuthorizedApps(ctx context.Context) ([]tokens.App, error) {
	return o.s.Tokens.Apps(ctx, o.id)
}

// RevokeAll ends every token there is, of whatever app, and forgets what was allowed. Sessions stay.
func (o Owner) RevokeAll(ctx context.Context) error {
	return o.s.Tokens.RevokeEverything(ctx, o.id, "")
}

// Token is the token that the request came with, where a guard found it good and it is the person's; the zero Token where it is not.
func (o Owner) Token(ctx context.Context) guard.Token {
	t := guard.From(ctx)
	if id, is := t.User(); is && id == string(o.id) {
		return t
	}
	return guard.Token{}
}

// TokenCan reports whether the token that the request came with is the person's and opens what needs a scope.
func (o Owner) TokenCan(ctx context.Context, scope string) bool { return o.Token(ctx).Can(scope) }
