package sqlstore_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/test/pgtest"
)

// What an access token takes on the disk, with its indexes, decides how many a server may hand out before somebody has to think of
// its disk: a million a day, kept for a month, are 7.5 GB.
func TestAnAccessTokenTakesFewBytes(t *testing.T) {
	t.Parallel()
	const tokens, most = 10_000, 250
	at := pgtest.URL(t, migrated)
	s := open(t, sqlstore.Config{URL: at})
	c := addClient(t, s)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range tokens / 64 {
				if err := s.Commit(t.Context(), ordinary(c)); err != nil {
					t.Errorf("commit: got error %v; want success", err)
				}
			}
		})
	}
	all.Wait()
	var table, indexes, rows float64
	err := raw(t, at).QueryRowContext(t.Context(), `SELECT pg_table_size('oauth_access_tokens'), pg_indexes_size('oauth_access_tokens'),
		(SELECT count(*) FROM oauth_access_tokens)`).Scan(&table, &indexes, &rows)
	must(t, "measure", err)
	t.Logf("an access token takes %.0f bytes, and its indexes %.0f", table/rows, indexes/rows)
	if got := (table + indexes) / rows; got > most {
		t.Errorf("an access token: got %.0f bytes, %.0f of them in the table; want %d at most", got, table/rows, most)
	}
}

// ordinary is a token as most are: a person's, of a family of its own, with two scopes and an id that tells when it was made.
func ordinary(c client.Client) token.Issuance {
	who := subject.OfUser(newID())
	f := familyOf(c, who)
	f.ID, f.Scopes = grant.ID(uuid.Must(uuid.NewV7()).String()), scope.Of("orders.read", "orders.write")
	a := accessOf(f)
	a.ID = token.ID(uuid.Must(uuid.NewV7()).String())
	return token.Issuance{At: now(), Access: a, Opens: &f, Starts: true}
}
