package attacks

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestRefreshTokens(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on).try(t, []attempt{
			{"R01 a refresh", ordinaryRefresh},
			{"R02 the old one comes back, without grace", replayedRefresh},
			{"R03 its grandparent comes back", replayedGrandparent},
			{"R05 the old one comes back within grace", retriedRefresh},
			{"R08 fifty refresh at once, without grace", fiftyWithoutGrace},
			{"R08 fifty refresh at once, within grace", fiftyWithGrace},
			{"R10 the answer was lost", lostAnswer},
			{"R11 another client refreshes", foreignRefresh},
			{"R11 what only looks like a refresh token", noRefresh},
			{"R16 idle and absolute ends", refreshEnds},
			{"R17 the person is gone", personGone},
			{"R18 the client is gone", clientGone},
			{"R19 consent is withdrawn", consentWithdrawn},
			{"R21 a refresh while the family is being ended", refreshWhileRevoked},
			{"R24 the signing key turns in between", keyTurns},
			{"R25 a client without refresh tokens", withoutRefresh},
			{"R26 storage fails in the middle", refreshFaults},
		})
	})
}

func ordinaryRefresh(t *testing.T, d *desk) {
	for _, by := range []party{d.web, d.spa, d.cli} {
		first := d.tokens(t, by)
		d.Clock.Advance(time.Minute)
		second := d.refresh(t, by, first.refresh)
		if second.refresh == first.refresh || second.access == first.access || second.refresh == "" {
			t.Errorf("%s: got the same tokens; want new ones", by.Name)
		}
		d.live(t, first.access, second.access)
		if !by.Public() {
			if d.introspect(t, by, first.refresh)["active"] != false || d.introspect(t, by, second.refresh)["active"] != true {
				t.Error("want the old refresh token inactive and the new one active")
			}
		}
	}
}

func replayedRefresh(t *testing.T, d *desk) {
	strict := d.beside(t, withGrace(0))
	for _, by := range []party{d.web, d.spa} {
		first := strict.tokens(t, by)
		second := strict.refresh(t, by, first.refresh)
		refused400(t, strict.submit(t, "/oauth/token", by, refreshForm(first.refresh)), "invalid_grant")
		strict.noted(t, "replay.ended", "refresh_reuse")
		d.dead(t, first.access, second.access)
		d.ended(t, second.refresh)
		refused400(t, strict.submit(t, "/oauth/token", by, refreshForm(second.refresh)), "invalid_grant")
	}
}

func replayedGrandparent(t *testing.T, d *desk) {
	first := d.tokens(t, d.web)
	second := d.refresh(t, d.web, first.refresh)
	third := d.refresh(t, d.web, second.refresh)
	refused400(t, d.submit(t, "/oauth/token", d.web, refreshForm(first.refresh)), "invalid_grant")
	d.dead(t, first.access, second.access, third.access)
	refused400(t, d.submit(t, "/oauth/token", d.web, refreshForm(third.refresh)), "invalid_grant")
}

// Whoever asks again within the window gets the same successor: nothing piles up, and nobody is logged out.
func retriedRefresh(t *testing.T, d *desk) {
	first := d.tokens(t, d.spa)
	second := d.refresh(t, d.spa, first.refresh)
	for range 3 {
		d.Clock.Advance(3 * time.Second)
		again := d.refresh(t, d.spa, first.refresh)
		if again.refresh != second.refresh {
			t.Error("got another successor; want the same")
		}
		if again.access == second.access {
			t.Error("got the same access token; want a new one")
		}
		d.live(t, again.access, second.access)
	}
	d.noted(t, "refresh.repeated", "")
	third := d.refresh(t, d.spa, second.refresh) // the successor was used: the window is shut
	refused400(t, d.submit(t, "/oauth/token", d.spa, refreshForm(first.refresh)), "invalid_grant")
	d.dead(t, third.access)

	first = d.tokens(t, d.spa)
	d.refresh(t, d.spa, first.refresh)
	d.Clock.Advance(10 * time.Second)
	refused400(t, d.submit(t, "/oauth/token", d.spa, refreshForm(first.refresh)), "invalid_grant")
	d.ended(t, first.refresh)
}

func fiftyWithoutGrace(t *testing.T, d *desk) {
	c := d.cluster(t, withGrace(0))
	for round := range rounds(t) {
		first := d.tokens(t, d.spa)
		got := c.race(t, round, d.spa, refreshForm(first.refresh))
		if len(got[200]) != 1 || len(got[400]) != crowd-1 || c.stored.Load() != 1 {
			t.Fatalf("got %v, %d stored; want one granted and the others refused", statuses(got), c.stored.Load())
		}
		for _, a := range got[400] {
			refused400(t, a, "invalid_grant")
		}
		winner := granted(t, got[200][0])
		d.dead(t, first.access, winner.access)
		d.ended(t, winner.refresh)
		if t.Failed() {
			return
		}
	}
}

func fiftyWithGrace(t *testing.T, d *desk) {
	c := d.cluster(t)
	for round := range rounds(t) {
		first := d.tokens(t, d.spa)
		successor := ""
		for range 2 { // the first time one of them turns the ratchet, the second time nobody does
			got := c.race(t, round, d.spa, refreshForm(first.refresh))
			if len(got[200]) != crowd {
				t.Fatalf("got %v; want all granted", statuses(got))
			}
			for _, a := range got[200] {
				one := granted(t, a)
				if successor == "" {
					successor = one.refresh
				}
				if one.refresh != successor {
					t.Fatal("got two successors; want all the same")
				}
			}
		}
		if g := d.ratchet(t, first.refresh).Family.Generation; g != 2 {
			t.Errorf("got generation %d; want 2", g)
		}
		if round%5 != 0 {
			continue
		}
		outside := func() { d.Clock.Advance(10 * time.Second) }
		used := func() { d.refresh(t, d.spa, successor) }
		for _, shut := range []func(){used, outside} {
			again := d.tokens(t, d.spa)
			successor = d.refresh(t, d.spa, again.refresh).refresh
			shut()
			got := c.race(t, round, d.spa, refreshForm(again.refresh))
			if len(got[400]) != crowd {
				t.Fatalf("got %v; want all refused", statuses(got))
			}
			for _, a := range got[400] {
				refused400(t, a, "invalid_grant")
			}
			d.ended(t, again.refresh)
			d.dead(t, again.access)
		}
		if t.Failed() {
			return
		}
	}
}

// The connection breaks after the commit and before the answer.
func lostAnswer(t *testing.T, d *desk) {
	for _, grace := range []time.Duration{0, 10 * time.Second} {
		p := &tap{}
		tapped := d.beside(t, p.option(), withGrace(grace))
		first := tapped.tokens(t, d.spa)
		committed, gone := make(chan struct{}), make(chan struct{})
		p.set(nil, func(_ context.Context, call string, err error) error {
			if call == "Commit" {
				close(committed)
				<-gone
			}
			return nil
		})
		conn := tapped.hangUp(t, d.spa, refreshForm(first.refresh))
		within(t, committed)
		p.set(nil, nil)
		_ = conn.Close()
		close(gone)
		a := tapped.submit(t, "/oauth/token", d.spa, refreshForm(first.refresh))
		if grace > 0 {
			next := granted(t, a)
			d.live(t, next.access)
			d.refresh(t, d.spa, next.refresh)
			continue
		}
		refused400(t, a, "invalid_grant")
		d.ended(t, first.refresh)
	}
}

func foreignRefresh(t *testing.T, d *desk) {
	for _, of := range []party{d.web, d.spa} {
		had := d.tokens(t, of)
		for _, by := range []party{d.evil, d.cli} {
			refused400(t, d.submit(t, "/oauth/token", by, refreshForm(had.refresh)), "invalid_grant")
			d.noted(t, "exchange.refused", "refresh_foreign")
		}
		d.live(t, had.access)
		next := d.refresh(t, of, had.refresh)
		d.refresh(t, of, next.refresh)
		refused400(t, d.submit(t, "/oauth/token", d.evil, refreshForm(had.refresh)), "invalid_grant")
		d.alive(t, had.refresh) // an old one in other hands ends nothing either
	}
}

func noRefresh(t *testing.T, d *desk) {
	had := d.tokens(t, d.web)
	ratchet := d.ratchet(t, had.refresh)
	body, _ := secret.ParseHandle(secret.Refresh, secret.Of(had.refresh))
	changed := func(at int, by byte) string {
		b := append([]byte(nil), body...)
		b[at] ^= by
		return secret.NewHandle(secret.Refresh, b).Reveal()
	}
	otherPepper := secret.Peppers{secret.NewPepper([]byte("another pepper, of thirty-two bytes or more"))}
	ratchet.Family.Pepper = otherPepper[0].Version()
	forged, _ := token.NewRefresh(ratchet.Family, 1, otherPepper)
	for name, text := range map[string]string{
		"the next generation under the same MAC": changed(19, 3), "generation 0": changed(19, 1), "another family": changed(3, 1),
		"a flipped bit of the MAC": changed(39, 1), "the first one": changed(20, 128), "made under another pepper": forged.Reveal(),
		"another checksum": had.refresh[:len(had.refresh)-1] + "_", "cut": had.refresh[:60], "longer": had.refresh + "0", "an access token": had.access,
		"another case": strings.ToLower(had.refresh), "a blank": had.refresh + " ", "SQL": "' OR 1=1 --", "nothing of ours": strings.Repeat("A", 67),
	} {
		if text == had.refresh {
			t.Fatalf("%s is the same text", name)
		}
		refused400(t, d.submit(t, "/oauth/token", d.web, refreshForm(text)), "invalid_grant")
		if t.Failed() {
			t.Fatalf("this was the answer to %s", name)
		}
	}
	refused400(t, d.submit(t, "/oauth/token", d.web, refreshForm("")), "invalid_request")
	d.alive(t, had.refresh)
	d.live(t, d.refresh(t, d.web, had.refresh).access)
}

const day = 24 * time.Hour

func refreshEnds(t *testing.T, d *desk) {
	idle := d.tokens(t, d.web)
	d.Clock.Advance(30 * day)
	refused400(t, d.submit(t, "/oauth/token", d.web, refreshForm(idle.refresh)), "invalid_grant")
	if d.introspect(t, d.web, idle.refresh)["active"] != false {
		t.Error("a refresh token that is idle for too long is active")
	}
	d.alive(t, idle.refresh) // nobody did anything wrong

	used := d.tokens(t, d.web)
	end := d.ratchet(t, used.refresh).Family.ExpiresAt
	for range 3 {
		d.Clock.Advance(29 * day)
		used = d.refresh(t, d.web, used.refresh)
	}
	if got := d.ratchet(t, used.refresh).Family.ExpiresAt; !got.Equal(end) {
		t.Errorf("got an absolute end of %v; want %v, as at the beginning", got, end)
	}
	d.Clock.Advance(end.Add(-time.Minute).Sub(d.Clock.Now()))
	last := d.refresh(t, d.web, used.refresh)
	if last.expiresIn > 60 {
		t.Errorf("got an access token for %.0f s; its family ends in 60", last.expiresIn)
	}
	d.Clock.Advance(end.Add(-time.Millisecond).Sub(d.Clock.Now()))
	d.refresh(t, d.web, last.refresh)
	d.Clock.Advance(end.Sub(d.Clock.Now()))
	d.dead(t, last.access)
	refused400(t, d.submit(t, "/oauth/token", d.web, refreshForm(last.refresh)), "invalid_grant")
}

func personGone(t *testing.T, d *desk) {
	for name, end := range map[string]func() error{
		"another password": func() error {
			_, err := d.Users.SetPassword(t.Context(), "alice", secret.Of(passporttest.Password))
			return err
		},
		"disabled": func() error { _, err := d.Users.Disable(t.Context(), "alice"); return err },
	} {
		had, code := d.tokens(t, d.web), d.code(t, d.web)
		d.live(t, had.access)
		if err := end(); err != nil {
			t.Fatal(err)
		}
		d.dead(t, had.access)
		refused400(t, d.submit(t, "/oauth/token", d.web, refreshForm(had.refresh)), "invalid_grant")
		refused400(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, code)), "invalid_grant")
		if _, err := d.Users.Enable(t.Context(), "alice"); err != nil {
			t.Fatal(err)
		}
		refused400(t, d.submit(t, "/oauth/token", d.web, refreshForm(had.refresh)), "invalid_grant")
		d.dead(t, had.access)
		if t.Failed() {
			t.Fatalf("this was %s", name)
		}
	}
}

func clientGone(t *testing.T, d *desk) {
	p := d.register(t, client.Client{Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{webCallback}})
	had := d.tokens(t, p)
	change := func(grants ...string) {
		if _, err := d.Clients.Update(t.Context(), p.ID, func(c *client.Client) { c.Grants = grants }); err != nil {
			t.Fatal(err)
		}
	}
	change("authorization_code")
	refused400(t, d.submit(t, "/oauth/token", p, refreshForm(had.refresh)), "unauthorized_client")
	d.alive(t, had.refresh)
	change("authorization_code", "refresh_token")
	had = d.refresh(t, p, had.refresh)
	if _, err := d.Clients.Disable(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	refused401(t, d.submit(t, "/oauth/token", p, refreshForm(had.refresh)), true)
	if _, err := d.Clients.Enable(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	refused400(t, d.submit(t, "/oauth/token", p, refreshForm(had.refresh)), "invalid_grant")
	d.dead(t, had.access)
}

// revoked ends the family of a refresh token by the revocation endpoint, from any goroutine.
func (d *desk) revoked(by party, tok string) error {
	a, err := d.submitted("/oauth/revoke", by, form("token", tok))
	if err == nil && a.status != 200 {
		err = fmt.Errorf("revoke: got %d %s", a.status, a.body)
	}
	return err
}

func refreshWhileRevoked(t *testing.T, d *desk) {
	p := &tap{}
	a, b := d.beside(t), d.beside(t, p.option())
	for range rounds(t) * 5 {
		had := d.tokens(t, d.spa)
		start := make(chan struct{})
		var wg sync.WaitGroup
		var err error
		answers := make([]answer, 4)
		wg.Go(func() { <-start; err = a.revoked(d.spa, had.refresh) })
		for i := range answers {
			wg.Go(func() { <-start; answers[i], _ = b.submitted("/oauth/token", d.spa, refreshForm(had.refresh)) })
		}
		close(start)
		wg.Wait()
		if err != nil {
			t.Fatal(err)
		}
		d.nothingLives(t, had, answers)
	}
	// The same with the revocation held in the middle of the refresh: after it read the family, before it commits.
	had := d.tokens(t, d.spa)
	p.set(func(_ context.Context, call string) error {
		if call == "Commit" {
			return a.revoked(d.spa, had.refresh)
		}
		return nil
	}, nil)
	got := b.submit(t, "/oauth/token", d.spa, refreshForm(had.refresh))
	refused400(t, got, "invalid_grant")
	d.nothingLives(t, had, nil)
}

// nothingLives checks that of a family nothing is left, whatever was answered meanwhile.
func (d *desk) nothingLives(t *testing.T, had tokens, answers []answer) {
	t.Helper()
	d.ended(t, had.refresh)
	d.dead(t, had.access)
	for _, a := range answers {
		if a.status == 200 {
			got := granted(t, a)
			d.dead(t, got.access)
			refused400(t, d.submit(t, "/oauth/token", d.spa, refreshForm(got.refresh)), "invalid_grant")
		} else {
			refused400(t, a, "invalid_grant")
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

func keyTurns(t *testing.T, d *desk) {
	first := d.tokens(t, d.web)
	before, _ := jwt(t, first.access)
	if _, err := d.Keys.RotateNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := d.refresh(t, d.web, first.refresh)
	after, _ := jwt(t, second.access)
	if before["kid"] == after["kid"] {
		t.Errorf("got kid %v both times; want that of the new key", after["kid"])
	}
	d.live(t, first.access, second.access)
}

func withoutRefresh(t *testing.T, d *desk) {
	p := d.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
	if got := d.tokens(t, p); got.refresh != "" {
		t.Error("got a refresh token for a client that may not use it")
	}
	if got := granted(t, d.submit(t, "/oauth/token", d.m2m, machineForm())); got.refresh != "" {
		t.Error("got a refresh token for client_credentials (RFC 6749, 4.4.3)")
	}
}

// Whatever storage call of a refresh fails, before it did anything or after: the client is told to come again, and when it does
// it is served.
func refreshFaults(t *testing.T, d *desk) {
	p := &tap{}
	for _, moment := range []string{"before", "after"} {
		for _, call := range []string{"FindClient", "FindRatchet", "Commit"} {
			tapped := d.beside(t, p.option()) // one that remembers no client yet
			had := d.tokens(t, d.spa)
			if moment == "before" {
				p.set(failing(call), nil)
			} else {
				p.set(nil, func(ctx context.Context, c string, _ error) error { return failing(call)(ctx, c) })
			}
			unavailable503(t, tapped.submit(t, "/oauth/token", d.spa, refreshForm(had.refresh)))
			p.set(nil, nil)
			d.live(t, d.refresh(t, d.spa, had.refresh).access)
			if t.Failed() {
				t.Fatalf("this was a failure %s %s", moment, call)
			}
		}
	}
}

// verdict is what a presented generation p of a family at generation g buys.
type verdict string

const (
	advances verdict = "p+1, and the family moves there"
	repeats  verdict = "the same p+1 again, and nothing moves"
	ends     verdict = "refused, and the family ends"
	nothing  verdict = "refused, and nothing changes"
)

// The whole table of the ratchet, over HTTP: what was presented against where the family stands against how long ago it turned.
func TestRatchet(t *testing.T) {
	const grace, idle, life = 10 * time.Second, 30 * day, 90 * day
	const g = 5
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		d := openDesk(t, on, passporttest.Configured(func(c *core.Config) {
			c.RefreshIdle, c.RefreshLife = idle, life
		}))
		for _, window := range []time.Duration{grace, 0} {
			at := d
			if window == 0 {
				at = d.beside(t, withGrace(0), passporttest.Configured(func(c *core.Config) { c.RefreshIdle, c.RefreshLife = idle, life }))
			}
			for _, p := range []uint32{1, g - 2, g - 1, g, g + 1, g + 7, 1 << 31} {
				for _, since := range []time.Duration{0, grace / 2, grace - 50*time.Millisecond, grace, grace + time.Second, idle - time.Second, idle, life} {
					want := bought(p, g, since, window, idle)
					t.Run(fmt.Sprintf("grace %s, p=g%+d after %s", window, int64(p)-g, since), func(t *testing.T) {
						at.present(t, p, g, since, want)
					})
				}
			}
		}
	})
}

// bought is the table, in the words of the design.
func bought(p, g uint32, since, grace, idle time.Duration) verdict {
	switch {
	case since >= idle:
		return nothing
	case p >= g:
		return advances
	case p == g-1 && since < grace:
		return repeats
	}
	return ends
}

// present brings a fresh family to generation g, waits, and presents generation p.
func (d *desk) present(t *testing.T, p, g uint32, since time.Duration, want verdict) {
	had := d.tokens(t, d.spa)
	for range g - 1 {
		had = d.refresh(t, d.spa, had.refresh)
	}
	family := d.ratchet(t, had.refresh).Family
	made := func(generation uint32) string {
		v, ok := token.NewRefresh(family, generation, d.Peppers)
		if !ok {
			t.Fatal("the pepper is not known")
		}
		return v.Reveal()
	}
	if family.Generation != g || made(g) != had.refresh {
		t.Fatalf("got generation %d; want %d and its refresh token", family.Generation, g)
	}
	d.Clock.Advance(since)
	a := d.submit(t, "/oauth/token", d.spa, refreshForm(made(p)))
	now := d.ratchet(t, had.refresh).Family
	if alive := now.RevokedAt.IsZero(); alive == (want == ends) {
		t.Errorf("the family is alive: %v; want %s", alive, want)
	}
	switch want {
	case advances, repeats:
		got := granted(t, a)
		if got.refresh != made(p+1) {
			t.Errorf("got another refresh token than generation %d", p+1)
		}
		d.live(t, got.access)
		moved := !now.RotatedAt.Equal(family.RotatedAt)
		if now.Generation != p+1 || moved != (want == advances) {
			t.Errorf("got generation %d, moved: %v; want %s", now.Generation, moved, want)
		}
		switch {
		case p > g:
			d.noted(t, "refresh.restored", "")
		case want == repeats:
			d.noted(t, "refresh.repeated", "")
		}
	default:
		refused400(t, a, "invalid_grant")
		if now.Generation != family.Generation || !now.RotatedAt.Equal(family.RotatedAt) {
			t.Errorf("got generation %d; want %d, unmoved", now.Generation, family.Generation)
		}
		if want == ends {
			d.dead(t, had.access)
			d.noted(t, "replay.ended", "refresh_reuse")
			refused400(t, d.submit(t, "/oauth/token", d.spa, refreshForm(had.refresh)), "invalid_grant")
		}
	}
}
