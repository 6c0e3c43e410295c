package sqlstore

import (
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

// accessColumns are written in the order of accessValues and read in that of accessRow.targets.
const accessColumns = `id, hash, name, client_id, user_id, subject_kind, family_id, scopes, audience, claims, auth_time, created_at, expires_at`

// accessArgs is how many arguments accessValues gives; a payment's own follow after them.
const accessArgs = 13

// accessPlaceholders stand for them.
var accessPlaceholders = placeholders(accessArgs)

func accessValues(a token.Access) []any {
	return []any{
		string(a.ID), digest(a.Digest), text(a.Name), string(a.Client), a.Subject.ID, string(a.Subject.Kind), text(a.Family),
		listOf(a.Scopes.Tokens()), listOf(a.Audience), object(a.Claims), stampOf(a.AuthTime), stampOf(a.IssuedAt), stampOf(a.ExpiresAt),
	}
}

// accessRow is an access token with what its life hangs on: its family's row and its client's.
type accessRow struct {
	id, clientID, userID, kind string
	hash                       digest
	name, familyID             text
	scopes, audience           list
	claims                     object
	authTime, issued, expires  stamp
	used, revoked              stamp

	family        text
	familyRevoked stamp

	client         text
	clientDisabled stamp
	clientSince    stamp
}

// fromAccess is to be followed by the family f and the client c.
const fromAccess = `SELECT a.id, a.hash, a.name, a.client_id, a.user_id, a.subject_kind, a.family_id, a.scopes, a.audience, a.claims,
	a.auth_time, a.created_at, a.expires_at, a.used_at, a.revoked_at, f.id, f.revoked_at, c.id, c.disabled_at, c.valid_from
	FROM oauth_access_tokens a `

func selectAccess(e engine) string {
	return fromAccess + e.beside("oauth_refresh_tokens f", "f.id, f.revoked_at", "f.id = a.family_id") + " " +
		e.beside("oauth_clients c", "c.id, c.disabled_at, c.valid_from", "c.id = a.client_id") + " "
}

func (r *accessRow) targets() []any {
	return []any{
		&r.id, &r.hash, &r.name, &r.clientID, &r.userID, &r.kind, &r.familyID, &r.scopes, &r.audience, &r.claims,
		&r.authTime, &r.issued, &r.expires, &r.used, &r.revoked, &r.family, &r.familyRevoked, &r.client, &r.clientDisabled, &r.clientSince,
	}
}

func (r *accessRow) access() token.Access {
	return token.Access{
		ID: token.ID(r.id), Digest: secret.Digest(r.hash), Name: string(r.name), Client: client.ID(r.clientID),
		Subject: subject.Subject{Kind: subject.Kind(r.kind), ID: r.userID}, Family: grant.ID(r.familyID),
		Scopes: scope.Of(r.scopes...), Audience: r.audience, Claims: r.claims, AuthTime: r.authTime.time(),
		IssuedAt: r.issued.time(), ExpiresAt: r.expires.time(), UsedAt: r.used.time(), RevokedAt: r.end(),
	}
}

// end is the earliest of all that ended the token; zero while it lives. Of a family or a client that is gone nobody knows when it
// went: the token was never to outlive it.
func (r *accessRow) end() time.Time {
	ends := []time.Time{r.revoked.time(), r.familyRevoked.time(), r.clientDisabled.time()}
	if r.family != r.familyID || r.client == "" {
		ends = append(ends, r.issued.time())
	}
	if r.familyID == "" && r.clientSince.time().After(r.issued.time()) {
		ends = append(ends, r.clientSince.time())
	}
	return earliest(ends)
}

// earliest ignores what has not happened.
func earliest(times []time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}
