package sqlstore

import (
	"database/sql/driver"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
)

type clientRow struct {
	bun.BaseModel `bun:"table:oauth_clients"`

	ID              string `bun:",pk"`
	OwnerID         text
	Provider        text
	FirstParty      bool
	Name            string
	Secrets         secretList
	AuthMethod      string
	Native          bool
	RedirectURIs    list `bun:"redirect_uris"`
	GrantTypes      list
	EveryScope      bool
	Scopes          list
	Audience        list
	Serves          list
	Origins         list
	WithoutPKCE     bool `bun:"without_pkce"`
	WithoutRotation bool
	OpaqueTokens    bool
	AccessLife      int64 // nanoseconds, as the other two
	IdleLife        int64
	RefreshLife     int64
	CreatedAt       stamp
	UpdatedAt       stamp
	DisabledAt      stamp
	ValidFrom       stamp
}

// selectClient reads in the order of clientRow.targets.
const selectClient = `SELECT id, owner_id, provider, first_party, name, secrets, auth_method, native, redirect_uris, grant_types, every_scope,
	scopes, audience, serves, origins, without_pkce, without_rotation, opaque_tokens, access_life, idle_life, refresh_life, created_at,
	updated_at, disabled_at, valid_from FROM oauth_clients WHERE id = $1`

func (r *clientRow) targets() []any {
	return []any{
		&r.ID, &r.OwnerID, &r.Provider, &r.FirstParty, &r.Name, &r.Secrets, &r.AuthMethod, &r.Native, &r.RedirectURIs, &r.GrantTypes,
		&r.EveryScope, &r.Scopes, &r.Audience, &r.Serves, &r.Origins, &r.WithoutPKCE, &r.WithoutRotation, &r.OpaqueTokens, &r.AccessLife,
		&r.IdleLife, &r.RefreshLife, &r.CreatedAt, &r.UpdatedAt, &r.DisabledAt, &r.ValidFrom,
	}
}

func clientRowOf(c client.Client) clientRow {
	return clientRow{
		ID: string(c.ID), Provider: text(c.Provider), FirstParty: c.FirstParty, OwnerID: text(c.Owner), Name: c.Name, Secrets: mapped(c.Secrets, storedSecretOf),
		AuthMethod: string(c.Auth), Native: c.Native, RedirectURIs: listOf(c.RedirectURIs), GrantTypes: listOf(c.Grants),
		EveryScope: c.EveryScope, Scopes: listOf(c.Scopes.Tokens()), Audience: listOf(c.Audience), Serves: listOf(c.Serves), Origins: listOf(c.Origins),
		WithoutPKCE: c.WithoutPKCE, WithoutRotation: c.WithoutRotation, OpaqueTokens: c.OpaqueTokens,
		AccessLife: int64(c.Lives.Access), IdleLife: int64(c.Lives.Idle), RefreshLife: int64(c.Lives.Refresh),
		CreatedAt: stampOf(c.CreatedAt), UpdatedAt: stampOf(c.UpdatedAt), DisabledAt: stampOf(c.DisabledAt), ValidFrom: stampOf(c.ValidFrom),
	}
}

func (r clientRow) client() client.Client {
	c := client.Client{
		ID: client.ID(r.ID), Provider: string(r.Provider), FirstParty: r.FirstParty, Owner: string(r.OwnerID), Name: r.Name, Auth: client.AuthMethod(r.AuthMethod), Native: r.Native,
		RedirectURIs: r.RedirectURIs, Grants: r.GrantTypes, EveryScope: r.EveryScope, Scopes: scope.Of(r.Scopes...),
		Audience: r.Audience, Serves: r.Serves, Origins: r.Origins,
		WithoutPKCE: r.WithoutPKCE, WithoutRotation: r.WithoutRotation, OpaqueTokens: r.OpaqueTokens,
		Lives:     client.Lives{Access: time.Duration(r.AccessLife), Idle: time.Duration(r.IdleLife), Refresh: time.Duration(r.RefreshLife)},
		CreatedAt: r.CreatedAt.time(), UpdatedAt: r.UpdatedAt.time(), DisabledAt: r.DisabledAt.time(), ValidFrom: r.ValidFrom.time(),
	}
	if len(r.Secrets) > 0 {
		c.Secrets = mapped(r.Secrets, storedSecret.secret)
	}
	return c
}

// storedSecret is a client secret at rest: a digest, or the hash of an imported one.
type storedSecret struct {
	Digest    []byte    `json:"digest,omitempty"`
	Hash      string    `json:"hash,omitempty"`
	Hint      string    `json:"hint,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

func storedSecretOf(s client.Secret) storedSecret {
	stored := storedSecret{Hash: s.Hash, Hint: s.Hint, CreatedAt: stampOf(s.CreatedAt).time(), ExpiresAt: stampOf(s.ExpiresAt).time()}
	if !s.Digest.IsZero() {
		stored.Digest = s.Digest[:]
	}
	return stored
}

func (s storedSecret) secret() client.Secret {
	var d secret.Digest
	copy(d[:], s.Digest)
	return client.Secret{Digest: d, Hash: s.Hash, Hint: s.Hint, CreatedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt}
}

type secretList []storedSecret

// Value implements driver.Valuer.
func (l secretList) Value() (driver.Value, error) { return toJSON(l, len(l) == 0) }

// Scan implements sql.Scanner.
func (l *secretList) Scan(src any) error { return fromJSON(src, (*[]storedSecret)(l)) }
