package sqlstore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/pgtest"
)

// These races are not left to chance. A transaction of the test's own holds a row that the first call needs last, so that the
// first call stands open with all else done; only when the second call is seen waiting for it is the row released.

// stage is a database with somebody who can hold rows in it.
type stage struct {
	*sqlstore.Store
	url    string
	client client.Client
	person user.User
	who    subject.Subject
}

func newStage(t *testing.T) stage {
	t.Helper()
	url := pgtest.URL(t, migrated)
	s := open(t, sqlstore.Config{URL: url})
	u := user.User{ID: user.ID(newID()), Username: newID(), PasswordHash: "one", CreatedAt: now(), UpdatedAt: now()}
	if err := s.AddUser(t.Context(), u); err != nil {
		t.Fatalf("add user: got error %v; want success", err)
	}
	return stage{s, url, addClient(t, s), u, subject.OfUser(string(u.ID))}
}

// hold runs a statement in a transaction that stays open, and returns what undoes it.
func (s stage) hold(t *testing.T, statement string, args ...any) (release func()) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.url)
	if err != nil {
		t.Fatalf("connect: got error %v; want success", err)
	}
	for _, q := range []func() error{
		func() error { _, err := conn.Exec(t.Context(), "BEGIN"); return err },
		func() error { _, err := conn.Exec(t.Context(), statement, args...); return err },
	} {
		if err := q(); err != nil {
			t.Fatalf("hold: got error %v; want success", err)
		}
	}
	return func() { _ = conn.Close(context.Background()) }
}

// holdAccess makes the commit of an access token wait where all else of it is done.
func (s stage) holdAccess(t *testing.T, a token.Access) (release func()) {
	return s.hold(t, `INSERT INTO oauth_access_tokens (id, client_id, created_at, expires_at, subject_kind, user_id)
		VALUES ($1, $1, now(), now(), 'user', 'nobody')`, string(a.ID))
}

// holdConsent makes an approval wait where all else of it is done.
func (s stage) holdConsent(t *testing.T, c grant.Consent) (release func()) {
	return s.hold(t, "INSERT INTO oauth_consents (user_id, client_id) VALUES ($1, $2)", string(c.User), string(c.Client))
}

// holdCode makes an approval wait that has looked at all it rests on.
func (s stage) holdCode(t *testing.T, c grant.Code) (release func()) {
	return s.hold(t, `INSERT INTO oauth_auth_codes (hash, family_id, client_id, created_at, expires_at, redirect_given, user_id, redirect_uri)
		VALUES ($1, $2, $2, now(), now(), false, 'nobody', '')`, c.Digest[:], newID())
}

// holdFamily makes whatever ends a family wait for it.
func (s stage) holdFamily(t *testing.T, id grant.ID) (release func()) {
	return s.hold(t, "SELECT FROM oauth_refresh_tokens WHERE id = $1 FOR UPDATE", string(id))
}

// begin starts a call and returns once that many in the database wait for a lock.
func (s stage) begin(t *testing.T, waiting int, call func() error) <-chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- call() }()
	conn, err := pgx.Connect(t.Context(), s.url)
	if err != nil {
		t.Fatalf("connect: got error %v; want success", err)
	}
	defer conn.Close(context.Background())
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		var n int
		err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
		if err != nil {
			t.Fatalf("count who waits: got error %v; want success", err)
		}
		if n >= waiting {
			return done
		}
	}
	t.Fatalf("nobody waits; want %d calls waiting for each other", waiting)
	return nil
}

// ends are all that ends families of the stage.
func (s stage) ends(t *testing.T, a grant.Approval) map[string]func() error {
	ctx, disabled, denied, renewed := t.Context(), s.client, s.person, s.person
	later := now().Add(time.Second)
	disabled.DisabledAt, disabled.UpdatedAt = later, later
	denied.DisabledAt, denied.UpdatedAt = later, later
	renewed.PasswordHash, renewed.UpdatedAt = "two", later
	return map[string]func() error{
		"family revoked":    func() error { return s.RevokeGrant(ctx, grant.Revocation{Family: a.Family.ID, At: later}) },
		"subject revoked":   func() error { return s.RevokeSubject(ctx, s.who, later) },
		"consent withdrawn": func() error { return s.WithdrawConsent(ctx, s.person.ID, s.client.ID, later) },
		"client disabled":   func() error { return s.UpdateClient(ctx, disabled, s.client.UpdatedAt) },
		"client deleted":    func() error { return s.DeleteClient(ctx, s.client.ID, later) },
		"person disabled":   func() error { return s.UpdateUser(ctx, denied, s.person.UpdatedAt) },
		"password changed":  func() error { return s.UpdateUser(ctx, renewed, s.person.UpdatedAt) },
	}
}

var endNames = []string{
	"family revoked", "subject revoked", "consent withdrawn", "client disabled", "client deleted", "person disabled", "password changed",
}

// eachEnd runs a race for every end on a stage of its own.
func eachEnd(t *testing.T, race func(t *testing.T, s stage, name string)) {
	t.Parallel()
	for _, name := range endNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			race(t, newStage(t), name)
		})
	}
}

func TestAnEndDuringAnApprovalEndsItsFamily(t *testing.T) {
	eachEnd(t, func(t *testing.T, s stage, name string) {
		a := approvalOf(s.client, s.who)
		release := s.holdConsent(t, a.Consent)
		approved := s.begin(t, 1, func() error { return s.Approve(t.Context(), a) })
		over := s.begin(t, 2, s.ends(t, a)[name])
		release()
		if err := <-approved; err != nil {
			t.Fatalf("approve: got error %v; want success", err)
		}
		if err := <-over; err != nil {
			t.Fatalf("end: got error %v; want success", err)
		}
		ended(t, s.Store, a.Family.ID)
		if err := s.Commit(t.Context(), redemption(a)); !errors.Is(err, ports.ErrRevoked) {
			t.Errorf("redeem afterwards: got error %v; want %v", err, ports.ErrRevoked)
		}
	})
}

func TestAnEndDuringABirthEndsItsFamily(t *testing.T) {
	eachEnd(t, func(t *testing.T, s stage, name string) {
		i := opening(s.client, s.who)
		release := s.holdAccess(t, i.Access)
		born := s.begin(t, 1, func() error { return s.Commit(t.Context(), i) })
		over := s.begin(t, 2, s.ends(t, grant.Approval{Family: *i.Opens})[name])
		release()
		if err := <-born; err != nil {
			t.Fatalf("open: got error %v; want success", err)
		}
		if err := <-over; err != nil {
			t.Fatalf("end: got error %v; want success", err)
		}
		ended(t, s.Store, i.Opens.ID)
		dead(t, s.Store, i.Access.ID)
	})
}

func TestAnEndDuringARedemptionLeavesNothingAlive(t *testing.T) {
	eachEnd(t, func(t *testing.T, s stage, name string) {
		a := approve(t, s.Store, s.client, s.who)
		endDuring(t, s, redemption(a), s.ends(t, a)[name])
	})
}

func TestAnEndDuringARotationLeavesNothingAlive(t *testing.T) {
	eachEnd(t, func(t *testing.T, s stage, name string) {
		a := approve(t, s.Store, s.client, s.who)
		commit(t, s.Store, redemption(a))
		endDuring(t, s, step(a.Family, 1, time.Minute), s.ends(t, a)[name])
	})
}

func endDuring(t *testing.T, s stage, i token.Issuance, end func() error) {
	t.Helper()
	release := s.holdAccess(t, i.Access)
	issued := s.begin(t, 1, func() error { return s.Commit(t.Context(), i) })
	over := s.begin(t, 2, end)
	release()
	if err := <-issued; err != nil {
		t.Fatalf("commit: got error %v; want success", err)
	}
	if err := <-over; err != nil {
		t.Fatalf("end: got error %v; want success", err)
	}
	ended(t, s.Store, i.Access.Family)
	dead(t, s.Store, i.Access.ID)
}

func dead(t *testing.T, s *sqlstore.Store, id token.ID) {
	t.Helper()
	a, err := s.FindAccess(t.Context(), id)
	if err != nil {
		t.Fatalf("find access token: got error %v; want success", err)
	}
	if a.RevokedAt.IsZero() {
		t.Errorf("access token: got it live; want it revoked")
	}
}

// What comes while an end is under way, and waits for it, is refused where the end says so for good.
func TestWhatComesDuringAnEndIsRefused(t *testing.T) {
	eachEnd(t, func(t *testing.T, s stage, name string) {
		living := approve(t, s.Store, s.client, s.who)
		commit(t, s.Store, redemption(living))
		release := s.holdFamily(t, living.Family.ID)
		over := s.begin(t, 1, s.ends(t, living)[name])
		turned := s.begin(t, 2, func() error { return s.Commit(t.Context(), step(living.Family, 1, time.Minute)) })
		a, i := approvalOf(s.client, s.who), opening(s.client, s.who)
		waiting := 1
		if name == "family revoked" { // it does not concern any other
			waiting = 0
		}
		approved := s.begin(t, 2+waiting, func() error { return s.Approve(t.Context(), a) })
		born := s.begin(t, 2+2*waiting, func() error { return s.Commit(t.Context(), i) })
		release()
		if err := <-over; err != nil {
			t.Fatalf("end: got error %v; want success", err)
		}
		if err := <-turned; !errors.Is(err, ports.ErrRevoked) {
			t.Errorf("turn: got error %v; want %v", err, ports.ErrRevoked)
		}
		for what, got := range map[string]error{"approve": <-approved, "open": <-born} {
			if final(name) && !errors.Is(got, ports.ErrRevoked) {
				t.Errorf("%s: got error %v; want %v", what, got, ports.ErrRevoked)
			}
			if !final(name) && got != nil {
				t.Errorf("%s: got error %v; want success, as if it had come afterwards", what, got)
			}
		}
	})
}

// final reports whether an end refuses what comes after it.
func final(end string) bool {
	return end == "client disabled" || end == "client deleted" || end == "person disabled" || end == "password changed"
}
