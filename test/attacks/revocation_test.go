package attacks

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestRevocation(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on).try(t, []attempt{
			{"K01 what is no live token", revokeNothing},
			{"K02 another client's token", revokeForeign},
			{"K03 a public client's own token", revokeOwnPublic},
			{"K04 a refresh token takes all with it, an access token only itself", revokeScope},
			{"K05 a wrong hint", revokeWithHint},
			{"K06 storage fails", revokeFaults},
			{"K07 a revocation races an issuance", revokeWhileIssued},
			{"K09 two tokens in one request", revokeTwice},
		})
	})
}

// emptied checks the answer of a revocation (RFC 7009, 2.2).
func emptied(t testing.TB, a answer) {
	t.Helper()
	if a.status != 200 || a.body != "" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %q %v; want 200 and nothing else", a.status, a.body, a.header)
	}
}

func revokeNothing(t *testing.T, d *desk) {
	had := d.tokens(t, d.web)
	for _, raw := range []string{
		"x", strings.Repeat("x", 60_000), "a.b.c", had.access[:len(had.access)-1], had.refresh[:len(had.refresh)-1] + "_", strings.ToUpper(had.refresh),
		secret.NewHandle(secret.Access, system.Random{}.Bytes(32)).Reveal(), secret.NewHandle(secret.Refresh, system.Random{}.Bytes(40)).Reveal(),
		d.code(t, d.web), d.web.secret, "' OR 1=1 --", "pp_rt_", "..",
	} {
		emptied(t, d.submit(t, "/oauth/revoke", d.web, form("token", raw)))
	}
	d.live(t, had.access)
	d.alive(t, had.refresh)
	for range 2 {
		emptied(t, d.submit(t, "/oauth/revoke", d.web, form("token", had.refresh)))
		emptied(t, d.submit(t, "/oauth/revoke", d.web, form("token", had.access)))
	}
	d.dead(t, had.access)
	refused400(t, d.submit(t, "/oauth/revoke", d.web, form("token", "")), "invalid_request")
	refused401(t, d.submit(t, "/oauth/revoke", party{}, form("token", "x")), false)
}

func revokeForeign(t *testing.T, d *desk) {
	for _, of := range []party{d.web, d.spa} {
		had := d.tokens(t, of)
		for _, by := range []party{d.evil, d.cli, d.m2m, d.api} {
			refused400(t, d.submit(t, "/oauth/revoke", by, form("token", had.access)), "unauthorized_client")
			refused400(t, d.submit(t, "/oauth/revoke", by, form("token", had.refresh)), "unauthorized_client")
		}
		refused401(t, d.submit(t, "/oauth/revoke", party{}, form("token", had.refresh)), false)
		wrong := d.web
		wrong.secret = d.m2m.secret
		refused401(t, d.submit(t, "/oauth/revoke", wrong, form("token", had.refresh)), true)
		refused401(t, d.submit(t, "/oauth/revoke", party{}, form("token", had.refresh, "client_id", string(d.web.ID))), false)
		d.live(t, had.access)
		d.alive(t, had.refresh)
	}
}

func revokeOwnPublic(t *testing.T, d *desk) {
	had := d.tokens(t, d.spa)
	emptied(t, d.submit(t, "/oauth/revoke", d.spa, form("token", had.access)))
	d.dead(t, had.access)
	next := d.refresh(t, d.spa, had.refresh)
	emptied(t, d.submit(t, "/oauth/revoke", d.spa, form("token", next.refresh)))
	d.dead(t, next.access)
	refused400(t, d.submit(t, "/oauth/token", d.spa, refreshForm(next.refresh)), "invalid_grant")
}

func revokeScope(t *testing.T, d *desk) {
	first := d.tokens(t, d.web)
	second := d.refresh(t, d.web, first.refresh)
	emptied(t, d.submit(t, "/oauth/revoke", d.web, form("token", second.access)))
	d.dead(t, second.access)
	d.live(t, first.access)
	third := d.refresh(t, d.web, second.refresh)
	d.noted(t, "token.revoked", "")
	// Any generation that is genuine will do: whoever logs out may hold an old one.
	emptied(t, d.submit(t, "/oauth/revoke", d.web, form("token", first.refresh)))
	d.noted(t, "family.revoked", "")
	d.dead(t, first.access, third.access)
	refused400(t, d.submit(t, "/oauth/token", d.web, refreshForm(third.refresh)), "invalid_grant")
}

func revokeWithHint(t *testing.T, d *desk) {
	for _, hint := range []string{"refresh_token", "access_token", "unheard_of", "device_code"} {
		had := d.tokens(t, d.web)
		emptied(t, d.submit(t, "/oauth/revoke", d.web, form("token", had.access, "token_type_hint", hint)))
		d.dead(t, had.access)
		had = d.tokens(t, d.web)
		emptied(t, d.submit(t, "/oauth/revoke", d.web, form("token", had.refresh, "token_type_hint", hint)))
		d.dead(t, had.access)
		d.ended(t, had.refresh)
	}
}

func revokeFaults(t *testing.T, d *desk) {
	p := &tap{}
	tapped := d.beside(t, p.option())
	for call, pick := range map[string]func(tokens) string{
		"RevokeGrant": func(had tokens) string { return had.refresh }, "FindRatchet": func(had tokens) string { return had.refresh },
		"RevokeAccess": func(had tokens) string { return had.access }, "FindAccess": func(had tokens) string { return had.access },
		"FindClient": func(had tokens) string { return had.access },
	} {
		had := d.tokens(t, d.web)
		p.set(failing(call), nil)
		unavailable503(t, tapped.submit(t, "/oauth/revoke", d.web, form("token", pick(had))))
		p.set(nil, nil)
		d.live(t, had.access)
		d.alive(t, had.refresh)
		emptied(t, tapped.submit(t, "/oauth/revoke", d.web, form("token", pick(had))))
		d.dead(t, had.access)
	}
}

// A refresh is on its way in one process while another ends the family, and so is the redemption of a code while its family is
// ended before anything was redeemed. When both are over nothing lives.
func revokeWhileIssued(t *testing.T, d *desk) {
	all := []*desk{d.beside(t), d.beside(t), d.beside(t)}
	for range rounds(t) * 5 {
		had := d.tokens(t, d.spa)
		answers := make([]answer, 6)
		start := make(chan struct{})
		var wg sync.WaitGroup
		var err error
		for i := range answers {
			wg.Go(func() { <-start; answers[i], _ = all[i%2].submitted("/oauth/token", d.spa, refreshForm(had.refresh)) })
		}
		wg.Go(func() { <-start; err = all[2].revoked(d.spa, had.refresh) })
		close(start)
		wg.Wait()
		if err != nil {
			t.Fatal(err)
		}
		d.nothingLives(t, had, answers)
	}
	p := &tap{}
	tapped := d.beside(t, p.option())
	for range rounds(t) {
		code := d.code(t, d.spa)
		stored, err := d.Storage.CodeFinder.FindCode(t.Context(), d.Peppers.Digests(secret.Of(code)))
		if err != nil {
			t.Fatal(err)
		}
		withdraw := func() error {
			return all[0].Storage.ConsentBook.WithdrawConsent(context.WithoutCancel(t.Context()), d.alice.ID, d.spa.ID, d.Clock.Now())
		}
		// Held between the reading of the code and its redemption.
		p.set(func(_ context.Context, call string) error {
			if call == "Commit" {
				return withdraw()
			}
			return nil
		}, nil)
		refused400(t, tapped.submit(t, "/oauth/token", d.spa, codeForm(d.spa, code)), "invalid_grant")
		p.set(nil, nil)
		if f, err := d.Storage.RefreshFinder.FindRatchet(t.Context(), stored.Family.ID); err != nil || f.Family.RevokedAt.IsZero() || f.Family.Generation != 0 {
			t.Fatalf("got %+v, %v; want an ended family that never started", f.Family, err)
		}
		// And with both let loose.
		code = d.code(t, d.spa)
		start := make(chan struct{})
		var wg sync.WaitGroup
		var a answer
		wg.Go(func() { <-start; err = withdraw() })
		wg.Go(func() { <-start; a, _ = all[1].submitted("/oauth/token", d.spa, codeForm(d.spa, code)) })
		close(start)
		wg.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if a.status == 200 {
			d.nothingLives(t, granted(t, a), nil)
		} else {
			refused400(t, a, "invalid_grant")
		}
	}
}

func revokeTwice(t *testing.T, d *desk) {
	had := d.tokens(t, d.web)
	for _, second := range []string{had.access, "x", ""} {
		f := form("token", had.refresh)
		f.Add("token", second)
		refused400(t, d.submit(t, "/oauth/revoke", d.web, f), "invalid_request")
	}
	refused400(t, d.submit(t, "/oauth/revoke?token="+had.refresh, d.web, form()), "invalid_request")
	d.live(t, had.access)
	d.alive(t, had.refresh)
}
