package sqlstore

import (
	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
)

type familyRow struct {
	bun.BaseModel `bun:"table:oauth_refresh_tokens,alias:f"`

	ID          string `bun:",pk"`
	ClientID    text
	CreatedAt   stamp
	ExpiresAt   stamp
	AuthTime    stamp
	SpentAt     stamp
	RotatedAt   stamp
	RevokedAt   stamp
	Generation  count
	Pepper      count
	Salt        []byte
	SubjectKind text
	UserID      text
	Scopes      list
	Audience    list
	Claims      object
}

// familyColumns are read in the order of familyRow.targets and written in that of familyRow.values.
const (
	familyColumns = `id, client_id, created_at, expires_at, auth_time, spent_at, rotated_at, revoked_at, generation, pepper, salt,
		subject_kind, user_id, scopes, audience, claims`
	familyColumnsOfF = `f.id, f.client_id, f.created_at, f.expires_at, f.auth_time, f.spent_at, f.rotated_at, f.revoked_at, f.generation,
		f.pepper, f.salt, f.subject_kind, f.user_id, f.scopes, f.audience, f.claims`
)

// ownerColumns are read in the order of ownerTargets, where besideOwner puts the resource owner beside a family f.
const ownerColumns = "u.provider, u.id IS NOT NULL AND u.disabled_at IS NULL"

func besideOwner(e engine) string {
	return e.beside("oauth_users u", "u.id, u.provider, u.disabled_at", "u.id = f.user_id AND f.subject_kind = 'user'")
}

func ownerTargets(o *grant.Owner) []any { return []any{(*text)(&o.Provider), &o.Enabled} }

func (r *familyRow) targets() []any {
	return []any{
		(*text)(&r.ID), &r.ClientID, &r.CreatedAt, &r.ExpiresAt, &r.AuthTime, &r.SpentAt, &r.RotatedAt, &r.RevokedAt, &r.Generation, &r.Pepper, &r.Salt,
		&r.SubjectKind, &r.UserID, &r.Scopes, &r.Audience, &r.Claims,
	}
}

func (r *familyRow) values() []any {
	return []any{
		r.ID, r.ClientID, r.CreatedAt, r.ExpiresAt, r.AuthTime, r.SpentAt, r.RotatedAt, r.RevokedAt, r.Generation, r.Pepper, r.Salt,
		r.SubjectKind, r.UserID, r.Scopes, r.Audience, r.Claims,
	}
}

func familyRowOf(f grant.Family) familyRow {
	return familyRow{
		ID: string(f.ID), ClientID: text(f.Client), CreatedAt: stampOf(f.CreatedAt), ExpiresAt: stampOf(f.ExpiresAt),
		AuthTime: stampOf(f.AuthTime), SpentAt: stampOf(f.SpentAt), RotatedAt: stampOf(f.RotatedAt), RevokedAt: stampOf(f.RevokedAt),
		Generation: count(f.Generation), Pepper: count(f.Pepper), Salt: f.Salt[:],
		SubjectKind: text(f.Subject.Kind), UserID: text(f.Subject.ID),
		Scopes: listOf(f.Scopes.Tokens()), Audience: listOf(f.Audience), Claims: f.Claims,
	}
}

func (r *familyRow) family() grant.Family {
	f := grant.Family{
		ID: grant.ID(r.ID), Client: client.ID(r.ClientID), Subject: subject.Subject{Kind: subject.Kind(r.SubjectKind), ID: string(r.UserID)},
		Scopes: scope.Of(r.Scopes...), Audience: r.Audience, Claims: r.Claims, AuthTime: r.AuthTime.time(),
		CreatedAt: r.CreatedAt.time(), ExpiresAt: r.ExpiresAt.time(), SpentAt: r.SpentAt.time(), RevokedAt: r.RevokedAt.time(),
		Generation: uint32(r.Generation), RotatedAt: r.RotatedAt.time(), Pepper: secret.Version(r.Pepper),
	}
	copy(f.Salt[:], r.Salt)
	return f
}
