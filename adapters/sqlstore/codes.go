package sqlstore

import (
	"context"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

var _ ports.CodeFinder = (*Store)(nil)

type codeRow struct {
	bun.BaseModel `bun:"table:oauth_auth_codes"`

	Hash          digest `bun:",pk"`
	FamilyID      string
	ClientID      string
	CreatedAt     stamp
	ExpiresAt     stamp
	RedirectGiven bool
	UserID        string
	RedirectURI   string
	Challenge     text
}

func codeRowOf(c grant.Code, f grant.Family) codeRow {
	return codeRow{
		Hash: digest(c.Digest), FamilyID: string(f.ID), ClientID: string(f.Client), UserID: f.Subject.ID,
		CreatedAt: stampOf(f.CreatedAt), ExpiresAt: stampOf(c.ExpiresAt),
		RedirectURI: c.RedirectURI, RedirectGiven: c.RedirectGiven, Challenge: text(c.Challenge),
	}
}

// selectCode: a code without its family is none.
func selectCode(e engine) string {
	return "SELECT c.hash, c.expires_at, c.redirect_given, c.redirect_uri, c.challenge, " + familyColumnsOfF + ", " + ownerColumns +
		" FROM oauth_auth_codes c " + e.beside("oauth_refresh_tokens f", familyColumnsOfF, "f.id = c.family_id") + " " + besideOwner(e) +
		" WHERE f.id IS NOT NULL AND c.hash"
}

// FindCode implements ports.CodeFinder: the code, its family and the resource owner in one round trip.
func (s *Store) FindCode(ctx context.Context, digests []secret.Digest) (grant.Code, error) {
	if len(digests) == 0 {
		return grant.Code{}, ports.ErrNotFound
	}
	var code codeRow
	var family familyRow
	owner := grant.Owner{By: s}
	targets := []any{&code.Hash, &code.ExpiresAt, &code.RedirectGiven, &code.RedirectURI, &code.Challenge}
	targets = append(append(targets, family.targets()...), ownerTargets(&owner)...)
	err := s.look(ctx, targets, amongDigests(s.texts.code, digests), anys(digestsOf(digests))...)
	if err != nil {
		return grant.Code{}, s.found("find code", err)
	}
	return grant.Code{
		Digest: secret.Digest(code.Hash), RedirectURI: code.RedirectURI, RedirectGiven: code.RedirectGiven,
		Challenge: grant.Challenge(code.Challenge), ExpiresAt: code.ExpiresAt.time(), Family: family.family(), Owner: &owner,
	}, nil
}

// placeholders writes $1 to $n.
func placeholders(n int) string { return placeholdersFrom(1, n) }

// placeholdersFrom writes n of them from a number on.
func placeholdersFrom(first, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "$" + strconv.Itoa(first+i)
	}
	return strings.Join(all, ", ")
}

func anys[T any](in []T) []any { return mapped(in, func(v T) any { return v }) }
