package sqlstore_test

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/test/pgtest"
)

// PostgreSQL keeps the plan of a statement that is asked often, and makes it without looking at its arguments. Such a plan must be an
// index look-up however many rows there are: in tables that were never analyzed, as they are after an installation; in full ones; and
// where it was made while they were small and was kept while they grew.
func TestKeptPlansAreLookUpsHoweverLargeTheTables(t *testing.T) {
	t.Parallel()
	at := pgtest.URL(t, migrated)
	s := open(t, sqlstore.Config{URL: at, MaxConns: 2})
	plans := s.Plans(time.Now())
	maps.DeleteFunc(plans, func(_ string, p sqlstore.Planned) bool { return p.Args == nil }) // each has a text of its own, and a plan

	empty := keeper(t, at, plans)
	lookUps(t, "while empty", explain(t, empty, plans))

	must(t, "fill a little", s.Do(t.Context(), append(crowded(20), "ANALYZE")...))
	small := keeper(t, at, plans)
	explain(t, small, plans) // and so they are made

	must(t, "empty", s.Do(t.Context(), "TRUNCATE oauth_users, oauth_auth_codes, oauth_sessions, oauth_device_codes, oauth_requests, oauth_attempts, oauth_spent_credentials"))
	full := append(crowded(200_000)[:2], crowded(20_000)[2:]...) // what a token request writes, and the rest
	must(t, "fill", s.Do(t.Context(), append(full, "ANALYZE")...))
	lookUps(t, "while full, made while empty", explain(t, empty, plans))
	lookUps(t, "while full, made while small", explain(t, small, plans))
	lookUps(t, "while full", explain(t, keeper(t, at, plans), plans))
}

// keeper is a connection that keeps the plan of each statement.
func keeper(t *testing.T, at string, plans map[string]sqlstore.Planned) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), at)
	must(t, "connect", err)
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	_, err = conn.Exec(t.Context(), "SET plan_cache_mode = force_generic_plan")
	must(t, "set", err)
	for name, p := range plans {
		_, err := conn.Exec(t.Context(), fmt.Sprintf("PREPARE %q AS %s", name, p.SQL))
		must(t, "prepare "+name, err)
	}
	return conn
}

var placeholder = regexp.MustCompile(`\$\d+`)

// explain asks for the plans that a connection keeps.
func explain(t *testing.T, conn *pgx.Conn, plans map[string]sqlstore.Planned) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name, p := range plans {
		given := map[string]bool{}
		for _, one := range placeholder.FindAllString(p.SQL, -1) {
			given[one] = true
		}
		nulls := strings.TrimPrefix(strings.Repeat(", NULL", len(given)), ", ")
		if nulls != "" {
			nulls = "(" + nulls + ")"
		}
		rows, err := conn.Query(t.Context(), fmt.Sprintf("EXPLAIN EXECUTE %q%s", name, nulls), pgx.QueryExecModeSimpleProtocol)
		must(t, "explain "+name, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		must(t, "explain "+name, err)
		all[name] = strings.Join(lines, "\n")
	}
	return all
}

func lookUps(t *testing.T, when string, plans map[string]string) {
	t.Helper()
	for name, plan := range plans {
		if strings.Contains(plan, "Seq Scan on oauth_") {
			t.Errorf("%s, %s: want every row found by an index:\n%s", name, when, plan)
		}
	}
}
