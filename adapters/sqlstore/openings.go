package sqlstore

import (
	"strings"

	"github.com/gopassport/passport/domain/token"
)

// An opening brings a family to life together with its first access token. Its arguments follow those of the access token: the
// family's columns from $14 on, of which $16 is created_at, $18 auth_time, $20 rotated_at, $25 and $26 the resource owner, and then, where a
// credential pays for it, $30 to $32.
const (
	firstOfFamily = accessArgs + 1
	familyArgs    = 16
	insertSpent   = `INSERT INTO oauth_spent_credentials (kind, hash, family_id, expires_at) VALUES ($30, $31, $7, $32)
		ON CONFLICT (kind, hash) DO NOTHING`
)

// insertFamily writes the family from a source of one row, or of none where it may not be born. A family of that id, dead or
// alive, refuses it. The token that it is born with is written where that of a redemption is.
func insertFamily(i token.Issuance, clock, source string) string {
	columns, values := familyColumns+", spent_by", placeholdersFrom(firstOfFamily, familyArgs)+", $1"
	if i.Access.ExpiresAt.After(i.Opens.ExpiresAt) {
		columns, values = columns+", tokens_until", values+", $13"
	}
	if i.Starts {
		values = strings.Replace(values, "$20", clock, 1)
	}
	return "INSERT INTO oauth_refresh_tokens (" + columns + ") SELECT " + values + source + " ON CONFLICT (id) DO NOTHING"
}

func openingArgs(i token.Issuance, clock any) []any {
	f := familyRowOf(*i.Opens)
	if i.Spends != nil { // it is redeemed as it is born, and listed among what was
		f.SpentAt = stampOf(i.At)
	}
	values := f.values()
	if i.Starts {
		f.Generation = 1
		values = f.values()
		values[6] = clock
	}
	if i.Spends != nil {
		values = append(values, i.Spends.Kind, digest(i.Spends.Digest), stampOf(i.Spends.ExpiresAt))
	}
	return values
}
