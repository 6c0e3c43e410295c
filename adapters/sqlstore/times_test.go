package sqlstore_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/subject"
)

// On SQLite a time is text: what Bun writes and what the hand-written statements write must be the same text for the same moment,
// and sort as the moments do.
func TestTimesHaveOneFormOnSQLite(t *testing.T) {
	t.Parallel()
	at := sqliteURL(t)
	s := open(t, sqlstore.Config{URL: at, Migrate: true})
	c := addClient(t, s)
	base := now().Truncate(time.Second)
	moments := []time.Time{base, base.Add(time.Microsecond), base.Add(450 * time.Millisecond), base.Add(500 * time.Millisecond), base.Add(time.Second)}
	for _, m := range moments {
		m = m.In(time.FixedZone("elsewhere", 2*60*60)).Add(789)
		byBun, byHand := approvalOf(c, subject.OfUser("somebody")), opening(c, subject.OfUser("somebody"))
		byBun.Family.AuthTime, byHand.Opens.AuthTime = m, m
		if err := s.Approve(t.Context(), byBun); err != nil {
			t.Fatalf("approve: got error %v; want success", err)
		}
		commit(t, s, byHand)
	}
	got := texts(t, at, "SELECT auth_time FROM oauth_refresh_tokens ORDER BY auth_time")
	for i, m := range moments {
		want := m.Format("2006-01-02 15:04:05.999999-07:00")
		if got[2*i] != want || got[2*i+1] != want {
			t.Errorf("moment %d: got %q and %q; want %q", i, got[2*i], got[2*i+1], want)
		}
	}
}

func texts(t *testing.T, url, query string) (all []string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("query: got error %v; want success", err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// The clock of a test moves as the test says, and grace with it.
func TestTheClockOfATestMeasuresGrace(t *testing.T) {
	t.Parallel()
	for _, at := range eachURL(t) {
		clock := now()
		s := open(t, sqlstore.Config{URL: at, Migrate: true, Clock: func() time.Time { return clock }})
		a := approve(t, s, addClient(t, s), subject.OfUser("somebody"))
		commit(t, s, redemption(a))
		commit(t, s, step(a.Family, 1, 10*time.Second))
		clock = clock.Add(10*time.Second - time.Microsecond)
		commit(t, s, step(a.Family, 1, 10*time.Second))
		r, err := s.FindRatchet(t.Context(), a.Family.ID)
		if err != nil || !r.ReadAt.Equal(clock) || r.Family.Generation != 2 {
			t.Errorf("ratchet: got %+v, error %v; want generation 2, read at %v", r, err, clock)
		}
		clock = clock.Add(time.Microsecond)
		if err := s.Commit(t.Context(), step(a.Family, 1, 10*time.Second)); err == nil {
			t.Errorf("step at the end of its grace: got success; want an error")
		}
	}
}
