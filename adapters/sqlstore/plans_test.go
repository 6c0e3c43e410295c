package sqlstore_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/test/pgtest"
)

// crowded puts so many rows into the tables of a PostgreSQL that reading a whole one is worth nobody's while. Half of them are dead.
func crowded(rows int) []string {
	filled := slices.Clone(crowd)
	for n := range filled {
		filled[n] = strings.ReplaceAll(filled[n], "20000", strconv.Itoa(rows))
	}
	return filled
}

var crowd = []string{
	`INSERT INTO oauth_access_tokens (id, client_id, family_id, created_at, expires_at, revoked_at, subject_kind, user_id, name)
		SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now(), now() + (n - 20000/2) * interval '1 second',
		CASE WHEN n % 2 = 0 THEN now() - interval '1 day' END, 'user', n % 500, CASE WHEN n % 50 = 0 THEN 'laptop' END
		FROM generate_series(1, 20000) n`,
	`INSERT INTO oauth_refresh_tokens (id, client_id, created_at, expires_at, spent_at, revoked_at, subject_kind, user_id)
		SELECT gen_random_uuid(), gen_random_uuid(), now(), now() + (n - 20000/2) * interval '1 second', CASE WHEN n % 3 > 0 THEN now() END,
		CASE WHEN n % 2 = 0 THEN now() - interval '1 day' END, 'user', n % 500 FROM generate_series(1, 20000) n`,
	`INSERT INTO oauth_auth_codes (hash, family_id, client_id, created_at, expires_at, redirect_given, user_id, redirect_uri)
		SELECT sha256(n::text::bytea), gen_random_uuid(), gen_random_uuid(), now(), now() + (n - 20000/2) * interval '1 second', TRUE, n % 500, ''
		FROM generate_series(1, 20000) n`,
	`INSERT INTO oauth_device_codes (hash, user_code, client_id, family_id, created_at, expires_at, poll_interval, too_soon)
		SELECT sha256(n::text::bytea), sha256(n::text::bytea), gen_random_uuid(), CASE WHEN n % 2 = 0 THEN gen_random_uuid() END,
		now(), now() + (n - 20000/2) * interval '1 second', 5000000, FALSE FROM generate_series(1, 20000) n`,
	`INSERT INTO oauth_requests (hash, session_id, redirect_given, login, consent, max_age, arrived_at, expires_at)
		SELECT sha256(n::text::bytea), n, TRUE, TRUE, TRUE, 0, now(), now() + (n - 20000/2) * interval '1 second'
		FROM generate_series(1, 20000) n`,
	`INSERT INTO oauth_sessions (id, hash, expires_at, user_id)
		SELECT n, sha256(n::text::bytea), now() + (n - 20000/2) * interval '1 second', CASE WHEN n % 4 > 0 THEN n % 500 END
		FROM generate_series(1, 20000) n`,
	`INSERT INTO oauth_attempts (bucket, count, started_at, ends_at)
		SELECT sha256(n::text::bytea), 1, now(), now() + (n - 20000/2) * interval '1 second' FROM generate_series(1, 20000) n`,
	`INSERT INTO oauth_spent_credentials (kind, hash, family_id, expires_at)
		SELECT 'otp', sha256(n::text::bytea), gen_random_uuid(), now() + (n - 20000/2) * interval '1 second'
		FROM generate_series(1, 20000) n`,
	`INSERT INTO oauth_users (id, username) SELECT n, gen_random_uuid() FROM generate_series(1, 20000) n`,
	`INSERT INTO oauth_consents (user_id, client_id) SELECT n, gen_random_uuid() FROM generate_series(1, 20000) n`,
	`INSERT INTO oauth_clients (id, name, auth_method, native, every_scope, without_pkce, without_rotation, opaque_tokens, owner_id)
		SELECT gen_random_uuid(), n, 'none', TRUE, TRUE, TRUE, TRUE, TRUE, CASE WHEN n % 10 = 0 THEN n % 100 END
		FROM generate_series(1, 20000) n`,
}

func TestEveryStatementFindsItsRowsByAnIndexOnPostgres(t *testing.T) {
	t.Parallel()
	s := open(t, sqlstore.Config{URL: pgtest.URL(t, migrated)})
	if err := s.Do(t.Context(), append(crowded(20_000), "ANALYZE")...); err != nil {
		t.Fatalf("fill: got error %v; want success", err)
	}
	planned(t, s, func(line string) bool {
		return strings.Contains(line, "Seq Scan") || strings.Contains(line, "JIT") // which takes longer than what it hastens
	})
}

func TestEveryStatementFindsItsRowsByAnIndexOnSQLite(t *testing.T) {
	t.Parallel()
	s := open(t, sqlstore.Config{URL: sqliteURL(t), Migrate: true})
	planned(t, s, func(line string) bool {
		return strings.HasPrefix(line, "SCAN") && line != "SCAN v" && line != "SCAN CONSTANT ROW" // the values of a statement
	})
}

// byIndex are statements for which another index than their own would do too, at a price.
var byIndex = map[string]string{
	"clients of":      "oauth_clients_of_owner",
	"personal tokens": "oauth_access_tokens_named",
	"purge oauth_sessions by expires_at soon": "oauth_sessions_of_nobody",
}

// planned fails for every statement in whose plan there is a line that must not be.
func planned(t *testing.T, s *sqlstore.Store, bad func(line string) bool) {
	t.Helper()
	for name, p := range s.Plans(time.Now()) {
		plan, err := s.Explain(t.Context(), p)
		if err != nil {
			t.Fatalf("%s: explain: got error %v; want success", name, err)
		}
		if index := byIndex[name]; !strings.Contains(strings.Join(plan, "\n"), index) {
			t.Errorf("%s: got a plan without %s; want it found by that:\n%s", name, index, strings.Join(plan, "\n"))
		}
		for _, line := range plan {
			if bad(line) {
				t.Errorf("%s: got %q in its plan; want every row found by an index:\n%s", name, line, strings.Join(plan, "\n"))
			}
		}
	}
}
