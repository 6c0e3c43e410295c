package sqlstore

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
)

type deviceRow struct {
	bun.BaseModel `bun:"table:oauth_device_codes,alias:d"`

	Hash         digest `bun:",pk"`
	UserCode     digest
	ClientID     string
	FamilyID     text
	CreatedAt    stamp
	ExpiresAt    stamp
	DeniedAt     stamp
	PollInterval int64 // microseconds; polled_at, which only a poll reads and writes, is so too
	TooSoon      bool
	UserID       text
	Source       text
	Scopes       list
	Audience     list
}

// deviceColumns are read in the order of deviceRow.targets.
const (
	deviceColumns = `hash, user_code, client_id, family_id, created_at, expires_at, denied_at, poll_interval, too_soon, user_id, source,
		scopes, audience`
	deviceColumnsOfD = `d.hash, d.user_code, d.client_id, d.family_id, d.created_at, d.expires_at, d.denied_at, d.poll_interval,
		d.too_soon, d.user_id, d.source, d.scopes, d.audience`
)

func (r *deviceRow) targets() []any {
	return []any{
		&r.Hash, &r.UserCode, &r.ClientID, &r.FamilyID, &r.CreatedAt, &r.ExpiresAt, &r.DeniedAt, &r.PollInterval, &r.TooSoon, &r.UserID,
		&r.Source, &r.Scopes, &r.Audience,
	}
}

func deviceRowOf(d grant.Device) deviceRow {
	return deviceRow{
		Hash: digest(d.Digest), UserCode: digest(d.UserCode), ClientID: string(d.Client), FamilyID: text(d.Family.ID),
		CreatedAt: stampOf(d.CreatedAt), ExpiresAt: stampOf(d.ExpiresAt), DeniedAt: stampOf(d.DeniedAt),
		PollInterval: d.Interval.Microseconds(), TooSoon: d.TooSoon, UserID: text(d.Family.Subject.ID), Source: text(d.Source),
		Scopes: listOf(d.Scopes.Tokens()), Audience: listOf(d.Audience),
	}
}

// device knows of its family no more than the name.
func (r *deviceRow) device() grant.Device {
	return grant.Device{
		Digest: secret.Digest(r.Hash), UserCode: secret.Digest(r.UserCode), Client: client.ID(r.ClientID),
		Scopes: scope.Of(r.Scopes...), Audience: r.Audience, Source: string(r.Source),
		CreatedAt: r.CreatedAt.time(), ExpiresAt: r.ExpiresAt.time(), DeniedAt: r.DeniedAt.time(),
		Interval: time.Duration(r.PollInterval) * time.Microsecond, TooSoon: r.TooSoon, Family: grant.Family{ID: grant.ID(r.FamilyID)},
	}
}
