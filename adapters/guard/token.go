package guard

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
)

// Token is an access token that a guard found good. It cannot be changed, and may be kept and shared. The zero Token is what a
// request has that no guard let pass: it is nobody's and can do nothing.
type Token struct{ f *facts }

// facts are shared by all requests that carry the token.
type facts struct {
	by        *Guard // who found it good
	id        string
	subject   subject.Subject
	client    string
	scopes    scope.Set
	audience  []string
	claims    map[string]any
	issuedAt  time.Time
	expiresAt time.Time
	authTime  time.Time
}

var nothing facts

func (t Token) facts() *facts {
	if t.f == nil {
		return &nothing
	}
	return t.f
}

type contextKey struct{}

// From returns the token that a request's context holds. Where no guard put one there it is the zero Token, which can do nothing: a
// route that was left unprotected shows itself by refusing, not by serving.
func From(ctx context.Context) Token {
	t, _ := ctx.Value(contextKey{}).(Token)
	return t
}

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.f == nil }

// Can reports whether the token opens what needs a scope: by name, by "*", or, where the server has it so, because it has a scope
// that the needed one inherits from.
func (t Token) Can(scope string) bool {
	return t.f != nil && t.f.by.verifier.rule().Satisfies(t.f.scopes, scope)
}

// Cant is the contrary of Can.
func (t Token) Cant(scope string) bool { return !t.Can(scope) }

// User returns the id of the person who allowed the token; false where there is none, as in a client's token for itself.
func (t Token) User() (string, bool) { return t.ofKind(subject.User) }

// Client returns the id of the client that is its own resource owner; false where a person is, who allowed the client something.
// ClientID tells the client in either case.
func (t Token) Client() (string, bool) { return t.ofKind(subject.Client) }

func (t Token) ofKind(k subject.Kind) (string, bool) {
	if s := t.facts().subject; s.Kind == k && s.Valid() {
		return s.ID, true
	}
	return "", false
}

// Subject is for whom the token speaks. Its ID alone names nobody: a client may have the id that a person has.
func (t Token) Subject() subject.Subject { return t.facts().subject }

// ClientID names the client that the token was given to.
func (t Token) ClientID() string { return t.facts().client }

// ID is the token's own (jti).
func (t Token) ID() string { return t.facts().id }

// Scopes are those granted, as they were granted. Whether they open something is asked of Can.
func (t Token) Scopes() scope.Set { return t.facts().scopes }

// Audience are the APIs that the token is for.
func (t Token) Audience() []string { return slices.Clone(t.facts().audience) }

// Claims are what the grant added to the token, as encoding/json reads it into an any: of a JWT, and in the server's process of either
// form. Values within values are shared, and must not be changed.
func (t Token) Claims() map[string]any { return maps.Clone(t.facts().claims) }

// IssuedAt is when the token was issued.
func (t Token) IssuedAt() time.Time { return t.facts().issuedAt }

// ExpiresAt is when the token dies of itself.
func (t Token) ExpiresAt() time.Time { return t.facts().expiresAt }

// AuthTime is when the person had signed in; zero where nobody had.
func (t Token) AuthTime() time.Time { return t.facts().authTime }
