package token

import (
	"cmp"
	"crypto/subtle"
	"encoding/binary"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
)

// RefreshType is the grant type of refresh tokens.
const RefreshType = "refresh_token"

const (
	refreshDetail = "The refresh token is invalid, expired, or was revoked."
	macSize       = 20
)

// Refresh is a refresh token as it came in: which family it says it belongs to, and which generation it says it is.
type Refresh struct {
	Family     grant.ID
	Generation uint32
	mac        [macSize]byte
}

// NewRefresh makes the refresh token of one generation of a family. It is computed, not drawn: the same generation always has
// the same text, so that an answer that was lost can be given again. It fails if the family's pepper is not among ps.
func NewRefresh(f grant.Family, generation uint32, ps secret.Peppers) (secret.Value, bool) {
	id, ok := f.ID.Bytes()
	mac, known := macOf(f, generation, ps)
	if !ok || !known || generation == 0 {
		return secret.Value{}, false
	}
	body := binary.BigEndian.AppendUint32(id[:], generation)
	return secret.NewHandle(secret.Refresh, append(body, mac[:]...)), true
}

// ParseRefresh reads the form of a refresh token. Whether it is genuine only its family can tell: see GenuineIn.
func ParseRefresh(v secret.Value) (Refresh, bool) {
	body, ok := secret.ParseHandle(secret.Refresh, v)
	if !ok {
		return Refresh{}, false
	}
	r := Refresh{Family: grant.IDOf([16]byte(body[:16])), Generation: binary.BigEndian.Uint32(body[16:20])}
	copy(r.mac[:], body[20:])
	return r, r.Generation > 0
}

// GenuineIn reports, in constant time, whether this server made the token for the family.
func (r Refresh) GenuineIn(f grant.Family, ps secret.Peppers) bool {
	mac, known := macOf(f, r.Generation, ps)
	return known && r.Family == f.ID && subtle.ConstantTimeCompare(mac[:], r.mac[:]) == 1
}

func macOf(f grant.Family, generation uint32, ps secret.Peppers) (mac [macSize]byte, ok bool) {
	p, ok := ps.Find(f.Pepper)
	if !ok {
		return mac, false
	}
	sum := p.MAC("refresh", []byte(f.ID), binary.BigEndian.AppendUint32(nil, generation), f.Salt[:])
	copy(mac[:], sum[:])
	return mac, true
}

// Ratchet is a family as it was read, with the database's own time of reading: how long ago the ratchet turned is measured by
// one clock, whichever process asks.
type Ratchet struct {
	Family grant.Family
	Owner  *grant.Owner // of the family, where the storage keeps people and read it too
	ReadAt time.Time
}

// Rules of turning.
type Rules struct {
	Grace time.Duration // how long the previous generation is answered again; 0 never
	Idle  time.Duration // without a refresh, the family's refresh token dies; a client may have its own
}

// For are the rules of one client.
func (r Rules) For(c client.Client) Rules {
	r.Idle = cmp.Or(c.Lives.Idle, r.Idle)
	return r
}

// UnknownRefresh refuses a token whose family does not exist, or that is not genuine, in the words that refuse a dead one.
func UnknownRefresh() error { return fault.InvalidGrant.For("refresh_unknown", refreshDetail) }

// Turn decides what a genuine refresh token buys: with p its generation and g the family's,
//
//	p = g      the ratchet advances to g+1
//	p = g-1    within the grace window: the same g again, and nothing moves; outside it: a replay
//	p > g      the database was restored from an older state: it advances to p+1
//	otherwise  a replay: the family ends
//
// Another client, a dead or an idle family are refused and change nothing.
func (t Ratchet) Turn(r Refresh, by client.Client, rules Rules, now time.Time) (grant.Authorization, error) {
	f := t.Family
	sinceTurn := t.ReadAt.Sub(f.RotatedAt)
	switch {
	case f.Client != by.ID:
		return grant.Authorization{}, fault.InvalidGrant.For("refresh_foreign", refreshDetail)
	case !f.RevokedAt.IsZero():
		return grant.Authorization{}, fault.InvalidGrant.For("refresh_revoked", refreshDetail)
	case !now.Before(f.ExpiresAt) || f.Generation == 0:
		return grant.Authorization{}, fault.InvalidGrant.For("refresh_expired", refreshDetail)
	case sinceTurn >= rules.For(by).Idle:
		return grant.Authorization{}, fault.InvalidGrant.For("refresh_idle", refreshDetail)
	case r.Generation+1 < f.Generation, r.Generation+1 == f.Generation && (rules.Grace <= 0 || sinceTurn >= rules.Grace):
		return grant.Authorization{}, RefreshReplay(f.ID)
	}
	a := f.Authorizes()
	a.Owner, a.Steps = t.Owner, &grant.Step{From: r.Generation, Grace: rules.Grace, Keep: !by.Rotates() && r.Generation == f.Generation}
	return a, nil
}

// RefreshReplay is the refusal of a refresh token that came back.
func RefreshReplay(id grant.ID) error {
	return &grant.Replay{Family: id, Public: fault.InvalidGrant.For("refresh_reuse", refreshDetail)}
}

// Usable reports whether the token is the newest of a live family of that client; for introspection. One that only the grace window
// still answers is not: who holds the newest has it.
func (t Ratchet) Usable(r Refresh, by client.Client, rules Rules, now time.Time) bool {
	f := t.Family
	return f.Client == by.ID && r.Generation == f.Generation && f.LiveAt(now) && t.ReadAt.Sub(f.RotatedAt) < rules.For(by).Idle
}
