// Package token models the tokens that leave the server: the access token and its claims, the refresh token's ratchet, and the
// issuance that stores what was paid and what was given in one step.
package token

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
)

// ID names an access token: the jti of a JWT, the row of either form. A UUIDv7.
type ID string

// Access is an access token at rest. The row decides: a JWT that says otherwise is inactive.
type Access struct {
	ID        ID
	Digest    secret.Digest // of an opaque token; zero for a JWT
	Name      string        // of a personal access token
	Client    client.ID
	Subject   subject.Subject
	Family    grant.ID // empty for a client's token for itself: the client is its family
	Scopes    scope.Set
	Audience  []string
	Claims    map[string]any
	AuthTime  time.Time
	IssuedAt  time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // of a personal access token: about when it was last seen; zero if never
	RevokedAt time.Time // its own end, its family's or its client's
}

// LiveAt reports whether the token opens anything.
func (a Access) LiveAt(now time.Time) bool { return a.RevokedAt.IsZero() && now.Before(a.ExpiresAt) }

// Claims is what an access token says (RFC 9068, 2.2).
type Claims struct {
	ID          ID
	Issuer      string
	Subject     string
	SubjectKind subject.Kind
	Audience    []string
	Client      client.ID
	Scope       string
	IssuedAt    time.Time
	ExpiresAt   time.Time
	AuthTime    time.Time
	Extra       map[string]any
}

// reserved are the claims that the server sets or that others give a meaning: a custom grant cannot set them.
var reserved = []string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "scope", "sub_kind", "auth_time",
	"cnf", "act", "may_act", "azp", "nonce", "token_type", "active",
}

// Extra keeps the claims that a grant may add.
func Extra(claims map[string]any) map[string]any {
	kept := maps.Clone(claims)
	maps.DeleteFunc(kept, func(name string, _ any) bool { return slices.Contains(reserved, strings.ToLower(name)) })
	return kept
}

// ClaimsOf says what the row says, in whole seconds.
func ClaimsOf(a Access, issuer string) Claims {
	return Claims{
		ID: a.ID, Issuer: issuer, Subject: a.Subject.ID, SubjectKind: a.Subject.Kind, Audience: a.Audience, Client: a.Client,
		Scope: a.Scopes.String(), IssuedAt: a.IssuedAt.Truncate(time.Second), ExpiresAt: a.ExpiresAt.Truncate(time.Second), AuthTime: a.AuthTime.Truncate(time.Second), Extra: a.Claims,
	}
}

// SaidBy reports whether verified claims say what the row says. It does not compare extra claims: they open nothing here.
func (c Claims) SaidBy(a Access, issuer string) bool {
	row := ClaimsOf(a, issuer)
	return c.ID == row.ID && c.Issuer == row.Issuer && c.Subject == row.Subject && c.SubjectKind == row.SubjectKind &&
		c.Client == row.Client && c.Scope == row.Scope && slices.Equal(c.Audience, row.Audience) &&
		c.IssuedAt.Equal(row.IssuedAt) && c.ExpiresAt.Equal(row.ExpiresAt) && c.AuthTime.Equal(row.AuthTime)
}
