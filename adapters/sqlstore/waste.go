package sqlstore

import (
	"strconv"

	"github.com/gopassport/passport/ports"
)

// waste is a kind of rows that are of no use after a time.
type waste struct {
	count      func(*ports.Purged) *int // what they are counted as
	table, key string
	since      string // the column that says since when; an index holds it
	revoked    bool   // whether they were ended, else they expired
	brief      bool   // whether nobody looks into them once they have expired
	unless     string // what more must be true of one of them, w: that nothing keeps it; ?0 is the time
}

// before is until when rows must have come to their end.
func (r waste) before(w ports.Waste) stamp {
	if r.brief && w.Brief.After(w.Before) {
		return stampOf(w.Brief)
	}
	return stampOf(w.Before)
}

// oldest lists the keys of the rows that may go first.
func (r waste) oldest(most int) string {
	return "SELECT w." + r.key + " FROM " + r.table + " AS w WHERE w." + r.since + " < ?0" + r.unless +
		" ORDER BY w." + r.since + " LIMIT " + strconv.Itoa(most)
}

// still asks the same of a row that was found by its key, in words for which a database does not go through the index of all that is
// dead once more.
func (r waste) still() string { return "coalesce(w." + r.since + ", ?0) < ?0" + r.unless }

// room is how many rows may go. With a family a token may, and while there are tokens left to remove its own may be among them.
func (r waste) room(p ports.Purged, limit int) int {
	room := limit - *r.count(&p)
	if r.table == families {
		room = min(room, limit-p.AccessTokens)
	}
	return room
}

const families = "oauth_refresh_tokens"

// A family stays while a token of it lives, and while a credential that founds it may come: the row tells that it was spent, or
// that it is worth nothing. Its code is found by what the two have in common, for which codes have an index already.
var (
	unlessRedeemable = unless(`oauth_auth_codes c WHERE c.user_id = w.user_id AND c.client_id = w.client_id
			AND c.created_at = w.created_at AND c.family_id = w.id AND c.expires_at >= ?0`) +
		unless("oauth_device_codes d WHERE d.family_id = w.id AND d.expires_at >= ?0")
	unlessUnexpired = " AND (w.tokens_until IS NULL OR w.tokens_until < ?0)" +
		unless("oauth_spent_credentials s WHERE s.family_id = w.id AND s.expires_at >= ?0")
	// What a credential of another's making has founded it would found again: that it has ended must be known as long as the credential
	// counts. So must the end of a family that nobody has stored yet, which has no client.
	unlessFounded = " AND w.client_id IS NOT NULL" +
		unless("oauth_spent_credentials s WHERE s.family_id = w.id AND (s.expires_at IS NULL OR s.expires_at >= ?0)")
)

// unless is true where there is no such row. Of NOT EXISTS PostgreSQL makes a join over all that is dead, for the few rows that go at
// once, or expects that half of them may not go and takes the search for a big one. This it asks row by row, and expects that they may.
func unless(row string) string {
	return "\n\t\tAND coalesce((SELECT 1 FROM " + row + " LIMIT 1), 0) <> 1"
}

// allWaste is in the order in which it goes: tokens, and the device codes that may go sooner than the rest, before the families that
// wait for them. A spent credential has founded one family, whose id is as good a key. A person's session stays for a while longer than
// one that nobody signed in with: of those there are as many as anybody cares to ask for.
var allWaste = []waste{
	{count: accessTokens, table: "oauth_access_tokens", key: "id", since: "expires_at"},
	{count: accessTokens, table: "oauth_access_tokens", key: "id", since: "revoked_at", revoked: true},
	{count: deviceCodes, table: "oauth_device_codes", key: "hash", since: "expires_at", brief: true},
	{count: refreshTokens, table: families, key: "id", since: "expires_at", unless: unlessRedeemable + unlessUnexpired},
	{count: refreshTokens, table: families, key: "id", since: "revoked_at", revoked: true, unless: unlessRedeemable + unlessFounded},
	{count: authCodes, table: "oauth_auth_codes", key: "hash", since: "expires_at"},
	{count: others, table: "oauth_requests", key: "hash", since: "expires_at", brief: true},
	{count: others, table: "oauth_sessions", key: "id", since: "expires_at", brief: true, unless: " AND w.user_id IS NULL"},
	{count: others, table: "oauth_sessions", key: "id", since: "expires_at"},
	{count: others, table: "oauth_attempts", key: "bucket", since: "ends_at", brief: true},
	{count: others, table: "oauth_spent_credentials", key: "family_id", since: "expires_at"},
}

func accessTokens(p *ports.Purged) *int  { return &p.AccessTokens }
func refreshTokens(p *ports.Purged) *int { return &p.RefreshTokens }
func authCodes(p *ports.Purged) *int     { return &p.AuthCodes }
func deviceCodes(p *ports.Purged) *int   { return &p.DeviceCodes }
func others(p *ports.Purged) *int        { return &p.Others }
