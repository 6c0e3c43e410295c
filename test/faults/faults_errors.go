package main

import (
	"context"
	"fmt"
	"time"
)

// written are the tables that flows write to.
var written = []string{
	"oauth_access_tokens", "oauth_refresh_tokens", "oauth_auth_codes", "oauth_subjects", "oauth_consents", "oauth_audit", "oauth_sessions",
	"oauth_device_codes", "oauth_requests",
}

// everyNth lets the database refuse every nth row that is written, with each of some errors in turn; errors that tell to try again are
// never seen outside.
func everyNth(n int, states ...string) func(context.Context, *trial) error {
	return func(ctx context.Context, t *trial) error {
		for t.again(ctx) {
			state := states[t.happened%len(states)]
			if err := t.execute(ctx, t.refusing(n, state)...); err != nil {
				return err
			}
			time.Sleep(800 * time.Millisecond)
			if err := t.execute(ctx, t.refusingNoMore()...); err != nil {
				return err
			}
		}
		t.after(ctx)
		return nil
	}
}

// refusing makes triggers that fail now and then. On PostgreSQL half of them do it only when the transaction is committed.
func (t *trial) refusing(n int, state string) []string {
	if t.engine == "sqlite" {
		var all []string
		for _, table := range written {
			for _, what := range []string{"INSERT", "UPDATE"} {
				all = append(all, fmt.Sprintf(`CREATE TRIGGER IF NOT EXISTS faults_%s_%s BEFORE %s ON %s
					WHEN abs(random()) %% %d = 0 BEGIN SELECT RAISE(ABORT, 'refused'); END`, table, what, what, table, n))
			}
		}
		return all
	}
	all := []string{
		"CREATE SEQUENCE IF NOT EXISTS faults_n",
		fmt.Sprintf(`CREATE OR REPLACE FUNCTION faults() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF nextval('faults_n') %% %d = 0 THEN RAISE EXCEPTION 'refused' USING ERRCODE = '%s'; END IF; RETURN NEW; END $$`, n, state),
	}
	for i, table := range written {
		kind, when := "TRIGGER", "FOR EACH ROW"
		moment := "BEFORE"
		if i%2 == 0 {
			kind, moment, when = "CONSTRAINT TRIGGER", "AFTER", "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
		}
		all = append(all, fmt.Sprintf("DROP TRIGGER IF EXISTS faults ON %s", table),
			fmt.Sprintf("CREATE %s faults %s INSERT OR UPDATE ON %s %s EXECUTE FUNCTION faults()", kind, moment, table, when))
	}
	return all
}

func (t *trial) refusingNoMore() []string {
	var all []string
	for _, table := range written {
		if t.engine == "sqlite" {
			all = append(all, "DROP TRIGGER IF EXISTS faults_"+table+"_INSERT", "DROP TRIGGER IF EXISTS faults_"+table+"_UPDATE")
			continue
		}
		all = append(all, "DROP TRIGGER IF EXISTS faults ON "+table)
	}
	return all
}

// serializable makes every transaction of the database serializable, so that real ones are undone.
func serializable(ctx context.Context, t *trial) error {
	set := func(to string) error {
		if err := t.execute(ctx, "ALTER DATABASE passport SET default_transaction_isolation = "+to); err != nil {
			return err
		}
		for _, p := range t.proxies {
			p.cut()
		}
		return nil
	}
	if err := set("serializable"); err != nil {
		return err
	}
	for t.again(ctx) {
		time.Sleep(500 * time.Millisecond)
	}
	return set("DEFAULT")
}
