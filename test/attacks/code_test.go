package attacks

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestAuthorizationCodes(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on).try(t, []attempt{
			{"E01 a code of web redeemed by evil", foreignCode},
			{"E02 a code of spa redeemed by cli", publicCodeByOther},
			{"E03 too late by a millisecond", lateCode},
			{"E04 another redirect_uri", otherRedirect},
			{"E05 a code_verifier that does not answer", wrongVerifier},
			{"E06 a code_verifier without a challenge", unboundVerifier},
			{"E07 a code comes back", replayedCode},
			{"E07 and its client hangs up at once", replayedAndHungUp},
			{"E07 and storage cannot end the family", replayWithoutEnd},
			{"E09 a code comes back after two turns", replayAfterTurns},
			{"E10 fifty redeem one code in three processes", fiftyRedeem},
			{"E14 something else than a code", noCode},
			{"E17 consent is withdrawn in between", consentWithdrawn},
			{"E18 the secret is rotated in between", secretRotated},
			{"E19 the allowed scopes shrink in between", scopesShrink},
			{"E20 the redirect URI is removed in between", redirectRemoved},
			{"E23 more codes than anybody needs", manyCodes},
		})
	})
	t.Run("E24 entropy of codes", entropyOfCodes)
}

// stillGood redeems a code that an attack must not have burned.
func (d *desk) stillGood(t *testing.T, c party, code string, changes ...string) tokens {
	t.Helper()
	got := granted(t, d.submit(t, "/oauth/token", c, codeForm(c, code, changes...)))
	d.live(t, got.access)
	return got
}

// Whoever is not the holder burns nothing and ends nothing: else a code that leaked would be a way to lock its owner out.
func foreignCode(t *testing.T, d *desk) {
	code := d.code(t, d.web)
	refused400(t, d.submit(t, "/oauth/token", d.evil, codeForm(d.web, code)), "invalid_grant")
	d.noted(t, "exchange.refused", "code_foreign")
	refused400(t, d.submit(t, "/oauth/token", d.evil, codeForm(d.evil, code)), "invalid_grant")
	got := d.stillGood(t, d.web, code)
	refused400(t, d.submit(t, "/oauth/token", d.evil, codeForm(d.web, code)), "invalid_grant")
	d.live(t, got.access)
	d.alive(t, got.refresh)
}

func publicCodeByOther(t *testing.T, d *desk) {
	code := d.code(t, d.spa)
	refused400(t, d.submit(t, "/oauth/token", d.cli, codeForm(d.spa, code)), "invalid_grant")
	refused400(t, d.submit(t, "/oauth/token", d.cli, codeForm(d.cli, code)), "invalid_grant")
	d.stillGood(t, d.spa, code)
}

func lateCode(t *testing.T, d *desk) {
	for past, fits := range map[time.Duration]bool{-time.Millisecond: true, 0: false, time.Millisecond: false, time.Hour: false} {
		code := d.code(t, d.web)
		stored, err := d.Storage.CodeFinder.FindCode(t.Context(), d.Peppers.Digests(secret.Of(code)))
		if err != nil {
			t.Fatal(err)
		}
		if life := stored.ExpiresAt.Sub(stored.Family.CreatedAt); life != time.Minute {
			t.Errorf("got a code for %s; want a minute", life)
		}
		d.Clock.Advance(stored.ExpiresAt.Add(past).Sub(d.Clock.Now()))
		a := d.submit(t, "/oauth/token", d.web, codeForm(d.web, code))
		if fits {
			granted(t, a)
		} else {
			refused400(t, a, "invalid_grant")
		}
		if t.Failed() {
			t.Fatalf("this was the answer %s past the end", past)
		}
	}
}

func otherRedirect(t *testing.T, d *desk) {
	two := d.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback, "https://app.example/other"}})
	code := d.code(t, two)
	for _, uri := range []string{"", "https://app.example/other", webCallback + "/", "https://APP.example/cb", webCallback + "?x=y", evilCallback, "https%3A%2F%2Fapp.example%2Fcb"} {
		refused400(t, d.submit(t, "/oauth/token", two, codeForm(two, code, "redirect_uri", uri)), "invalid_grant")
	}
	d.stillGood(t, two, code)
	// One that the authorization request left out may be left out again, and may not be another.
	code = d.code(t, d.evil, "redirect_uri", "")
	refused400(t, d.submit(t, "/oauth/token", d.evil, codeForm(d.evil, code, "redirect_uri", webCallback)), "invalid_grant")
	d.stillGood(t, d.evil, code, "redirect_uri", "")
	// A native client's port is part of what must come again.
	code = d.code(t, d.cli, "redirect_uri", "http://127.0.0.1:5001/cb")
	refused400(t, d.submit(t, "/oauth/token", d.cli, codeForm(d.cli, code, "redirect_uri", "http://127.0.0.1:5002/cb")), "invalid_grant")
	refused400(t, d.submit(t, "/oauth/token", d.cli, codeForm(d.cli, code)), "invalid_grant")
	d.stillGood(t, d.cli, code, "redirect_uri", "http://127.0.0.1:5001/cb")
}

func wrongVerifier(t *testing.T, d *desk) {
	right := pkce(verifier)
	long := strings.Repeat("v", 129)
	for _, by := range []party{d.web, d.spa} {
		code := d.code(t, by)
		for name, wrong := range map[string]string{
			"none": "", "another": strings.Repeat("w", 43), "42 characters": right[:42], "129 characters": long, "a blank": right + " ",
			"outside the alphabet": right[:43] + "+/=", "the challenge": challenge, "another case": strings.ToUpper(right), "a longer one": right + "a",
		} {
			refused400(t, d.submit(t, "/oauth/token", by, codeForm(by, code, "code_verifier", wrong)), "invalid_grant")
			if t.Failed() {
				t.Fatalf("this was the answer to %s", name)
			}
		}
		d.stillGood(t, by, code)
	}
	// A verifier of a wrong length stays wrong where the challenge was made of it.
	for _, bad := range []string{right[:42], long} {
		code := d.code(t, d.web, "code_challenge", challengeOf(bad))
		refused400(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, code, "code_verifier", bad)), "invalid_grant")
	}
	for _, good := range []string{right[:43], long[:128], strings.Repeat("-._~", 11)} {
		d.stillGood(t, d.web, d.code(t, d.web, "code_challenge", challengeOf(good)), "code_verifier", good)
	}
}

func unboundVerifier(t *testing.T, d *desk) {
	exempt := d.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}, WithoutPKCE: true})
	code := d.code(t, exempt, "code_challenge", "", "code_challenge_method", "")
	refused400(t, d.submit(t, "/oauth/token", exempt, codeForm(exempt, code)), "invalid_grant")
	d.stillGood(t, exempt, code, "code_verifier", "")
	// The exemption ends while a code is on its way: it must not be redeemed without a proof.
	code = d.code(t, exempt, "code_challenge", "", "code_challenge_method", "")
	if _, err := d.Clients.Update(t.Context(), exempt.ID, func(c *client.Client) { c.WithoutPKCE = false }); err != nil {
		t.Fatal(err)
	}
	refused400(t, d.submit(t, "/oauth/token", exempt, codeForm(exempt, code, "code_verifier", "")), "invalid_grant")
}

func replayedCode(t *testing.T, d *desk) {
	for _, by := range []party{d.web, d.spa} {
		code := d.code(t, by)
		first := d.stillGood(t, by, code)
		// Without the proofs of its holder it is no replay.
		refused400(t, d.submit(t, "/oauth/token", by, codeForm(by, code, "code_verifier", strings.Repeat("w", 43))), "invalid_grant")
		refused400(t, d.submit(t, "/oauth/token", by, codeForm(by, code, "redirect_uri", "")), "invalid_grant")
		d.live(t, first.access)
		refused400(t, d.submit(t, "/oauth/token", by, codeForm(by, code)), "invalid_grant")
		d.noted(t, "replay.ended", "code_reused")
		d.dead(t, first.access)
		d.ended(t, first.refresh)
		refused400(t, d.submit(t, "/oauth/token", by, refreshForm(first.refresh)), "invalid_grant")
		refused400(t, d.submit(t, "/oauth/token", by, codeForm(by, code)), "invalid_grant")
	}
	// A replay counts however old the code is by then.
	code := d.code(t, d.web)
	first := d.stillGood(t, d.web, code)
	d.Clock.Advance(30 * time.Minute)
	refused400(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, code)), "invalid_grant")
	d.dead(t, first.access)
}

// hangUp sends a form on a connection of its own and returns that connection.
func (d *desk) hangUp(t *testing.T, by party, f url.Values) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	f.Set("client_id", string(by.ID))
	body := f.Encode()
	_, err = io.WriteString(conn, "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "+
		strconv.Itoa(len(body))+"\r\n\r\n"+body)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// The end of a family does not wait for whoever replays to stay on the line.
func replayedAndHungUp(t *testing.T, d *desk) {
	for name, moment := range map[string]string{"while the code is looked up": "FindCode", "while the family is being ended": "RevokeGrant"} {
		t.Run(name, func(t *testing.T) {
			p := &tap{}
			tapped := d.beside(t, p.option())
			code := d.code(t, d.spa)
			first := d.stillGood(t, d.spa, code)
			reached, done := make(chan struct{}), make(chan struct{})
			var request context.Context
			gone := func(call string) {
				if call == moment {
					close(reached)
					<-request.Done() // the server knows that the client has gone
				}
			}
			p.set(func(ctx context.Context, call string) error {
				if call == "FindClient" {
					request = ctx
				}
				if call == "RevokeGrant" {
					gone(call)
				}
				return nil
			}, func(_ context.Context, call string, err error) error {
				if call == "FindCode" {
					gone(call)
				}
				if call == "RevokeGrant" {
					defer close(done)
				}
				return nil
			})
			conn := tapped.hangUp(t, d.spa, codeForm(d.spa, code))
			within(t, reached)
			_ = conn.Close()
			within(t, done)
			d.ended(t, first.refresh)
			d.dead(t, first.access)
		})
	}
}

func within(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(10 * time.Second):
		t.Fatal("it did not happen within ten seconds")
	}
}

// Until the end of the family is stored there is no verdict, and whoever asks again gets it.
func replayWithoutEnd(t *testing.T, d *desk) {
	p := &tap{}
	tapped := d.beside(t, p.option())
	code := d.code(t, d.web)
	first := d.stillGood(t, d.web, code)
	p.set(failing("RevokeGrant"), nil)
	for range 3 {
		unavailable503(t, tapped.submit(t, "/oauth/token", d.web, codeForm(d.web, code)))
	}
	d.alive(t, first.refresh)
	p.set(nil, nil)
	refused400(t, tapped.submit(t, "/oauth/token", d.web, codeForm(d.web, code)), "invalid_grant")
	d.ended(t, first.refresh)
	d.dead(t, first.access)
}

// failing is a hook that fails one call.
func failing(name string) func(context.Context, string) error {
	return func(_ context.Context, call string) error {
		if call == name {
			return errDown
		}
		return nil
	}
}

func replayAfterTurns(t *testing.T, d *desk) {
	code := d.code(t, d.web)
	first := d.stillGood(t, d.web, code)
	second := d.refresh(t, d.web, first.refresh)
	third := d.refresh(t, d.web, second.refresh)
	d.live(t, first.access, second.access, third.access)
	refused400(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, code)), "invalid_grant")
	d.dead(t, first.access, second.access, third.access)
	refused400(t, d.submit(t, "/oauth/token", d.web, refreshForm(third.refresh)), "invalid_grant")
}

// gate holds requests that have read what they are about to spend until all have: then each believes that it is first.
type gate struct {
	mu      sync.Mutex
	missing int
	open    chan struct{}
}

func (g *gate) shut(until int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.missing, g.open = until, make(chan struct{})
}

func (g *gate) pass(ctx context.Context) {
	g.mu.Lock()
	open := g.open
	if g.missing > 0 {
		if g.missing--; g.missing == 0 {
			close(open)
		}
	}
	g.mu.Unlock()
	if open != nil {
		select {
		case <-open:
		case <-ctx.Done():
		}
	}
}

// cluster is three processes over one database, and what they have stored.
type cluster struct {
	all    []*desk
	stored atomic.Int64
	read   gate
}

func (d *desk) cluster(t *testing.T, opts ...passporttest.Option) *cluster {
	t.Helper()
	c := &cluster{}
	p := &tap{}
	p.set(nil, func(ctx context.Context, call string, err error) error {
		switch {
		case call == "Commit" && err == nil:
			c.stored.Add(1)
		case call == "FindCode" || call == "FindRatchet":
			c.read.pass(ctx)
		}
		return nil
	})
	for range 3 {
		c.all = append(c.all, d.beside(t, append(opts, p.option())...))
	}
	return c
}

// race lets a crowd rush: in every other round as it comes, else all at once through the gate.
func (c *cluster) race(t *testing.T, round int, by party, f url.Values) map[int][]answer {
	t.Helper()
	c.stored.Store(0)
	if round%2 == 0 {
		c.read.shut(crowd)
	}
	return rush(t, c.all, crowd, "/oauth/token", by, f)
}

// rush sends n copies of a request to the processes in turn, all at once, and sorts the answers by status.
func rush(t *testing.T, all []*desk, n int, path string, by party, f url.Values) map[int][]answer {
	t.Helper()
	start := make(chan struct{})
	answers, errs := make([]answer, n), make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			answers[i], errs[i] = all[i%len(all)].submitted(path, by, f)
		})
	}
	close(start)
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	sorted := map[int][]answer{}
	for _, a := range answers {
		sorted[a.status] = append(sorted[a.status], a)
	}
	return sorted
}

const crowd = 50

// Exactly one wins. The others are the rightful client that comes back with a spent code, so the family is dead when they have
// their answers: whoever was robbed of the code learns of it.
func fiftyRedeem(t *testing.T, d *desk) {
	c := d.cluster(t)
	for round := range rounds(t) {
		by := d.web
		code := d.code(t, by)
		got := c.race(t, round, by, codeForm(by, code))
		if len(got[200]) != 1 || len(got[400]) != crowd-1 {
			t.Fatalf("got %d granted, %d refused, %d in all; want 1 and %d: %v", len(got[200]), len(got[400]), crowd, crowd-1, statuses(got))
		}
		for _, a := range got[400] {
			refused400(t, a, "invalid_grant")
		}
		if n := c.stored.Load(); n != 1 {
			t.Errorf("got %d issuances stored; want 1", n)
		}
		winner := granted(t, got[200][0])
		d.dead(t, winner.access)
		d.ended(t, winner.refresh)
		if f := d.ratchet(t, winner.refresh).Family; f.Generation != 1 {
			t.Errorf("got generation %d; want 1", f.Generation)
		}
		if d.introspect(t, by, winner.refresh)["active"] != false {
			t.Error("the winner's refresh token is active")
		}
		if t.Failed() {
			return
		}
	}
}

func statuses(sorted map[int][]answer) map[int]string {
	all := map[int]string{}
	for status, answers := range sorted {
		all[status] = strconv.Itoa(len(answers)) + " such as " + answers[0].body
	}
	return all
}

func noCode(t *testing.T, d *desk) {
	had := d.tokens(t, d.web)
	var session string
	for _, name := range []string{"passport_session", "__Host-passport_session"} {
		session += d.person.cookie(name)
	}
	code := d.code(t, d.web)
	for name, text := range map[string]string{
		"a refresh token": had.refresh, "an access token": had.access, "a client secret": d.web.secret, "a session": session, "a client": string(d.web.ID),
		"no checksum": code[:len(code)-6], "another checksum": code[:len(code)-1] + "_", "another kind": strings.Replace(code, "pp_ac_", "pp_dc_", 1),
		"another case": strings.ToUpper(code), "a blank": code + " ", "in front": " " + code, "two": code + code, "a URN": "urn:ietf:params:oauth:request_uri:x",
		"SQL": "' OR '1'='1", "long": strings.Repeat("x", 10_000), "one of nobody's": secret.NewHandle(secret.Code, system.Random{}.Bytes(32)).Reveal(),
	} {
		refused400(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, text)), "invalid_grant")
		if t.Failed() {
			t.Fatalf("this was the answer to %s", name)
		}
	}
	refused400(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, "")), "invalid_request")
	d.live(t, had.access)
	d.stillGood(t, d.web, code)
}

func consentWithdrawn(t *testing.T, d *desk) {
	had, code := d.tokens(t, d.web), d.code(t, d.web)
	if err := d.Storage.ConsentBook.WithdrawConsent(t.Context(), d.alice.ID, d.web.ID, d.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	refused400(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, code)), "invalid_grant")
	refused400(t, d.submit(t, "/oauth/token", d.web, refreshForm(had.refresh)), "invalid_grant")
	d.dead(t, had.access)
	d.stillGood(t, d.web, d.code(t, d.web)) // asked again, alice says yes again
}

func secretRotated(t *testing.T, d *desk) {
	p := d.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
	code := d.code(t, p)
	_, v, err := d.Clients.RotateSecret(t.Context(), p.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	refused401(t, d.submit(t, "/oauth/token", p, codeForm(p, code)), true)
	before := p
	p.secret = v.Reveal()
	d.stillGood(t, p, code)
	// With an overlap both are good until it has passed.
	if _, v, err = d.Clients.RotateSecret(t.Context(), p.ID, time.Hour); err != nil {
		t.Fatal(err)
	}
	refused401(t, d.submit(t, "/oauth/token", before, machineForm()), true)
	before, p.secret = p, v.Reveal()
	d.stillGood(t, before, d.code(t, p))
	d.Clock.Advance(time.Hour)
	refused401(t, d.submit(t, "/oauth/token", before, codeForm(p, "x")), true)
	d.stillGood(t, p, d.code(t, p))
}

func scopesShrink(t *testing.T, d *desk) {
	p := d.register(t, client.Client{
		Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{webCallback}, Scopes: scope.Of("orders:read", "orders:write"),
	})
	both := d.tokens(t, p, "scope", "orders:read orders:write")
	code := d.code(t, p, "scope", "orders:read orders:write")
	if _, err := d.Clients.Update(t.Context(), p.ID, func(c *client.Client) { c.Scopes = scope.Of("orders:read") }); err != nil {
		t.Fatal(err)
	}
	refused400(t, d.submit(t, "/oauth/token", p, codeForm(p, code, "scope", "orders:write")), "invalid_scope")
	for _, got := range []tokens{d.stillGood(t, p, code), d.refresh(t, p, both.refresh)} {
		_, claims := jwt(t, got.access)
		if got.scope != "orders:read" || claims["scope"] != "orders:read" {
			t.Errorf("got scope %q, in the token %q; want orders:read", got.scope, claims["scope"])
		}
	}
}

func redirectRemoved(t *testing.T, d *desk) {
	p := d.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback, evilCallback}})
	code := d.code(t, p, "redirect_uri", evilCallback)
	if _, err := d.Clients.Update(t.Context(), p.ID, func(c *client.Client) { c.RedirectURIs = []string{webCallback} }); err != nil {
		t.Fatal(err)
	}
	refused400(t, d.submit(t, "/oauth/token", p, codeForm(p, code, "redirect_uri", evilCallback)), "invalid_grant")
	refused400(t, d.submit(t, "/oauth/token", p, codeForm(p, code)), "invalid_grant")
}

func manyCodes(t *testing.T, d *desk) {
	p := d.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
	codes := make([]string, 13)
	for i := range codes {
		codes[i] = d.code(t, p)
	}
	for i, code := range codes {
		a := d.submit(t, "/oauth/token", p, codeForm(p, code))
		if dead := i < len(codes)-10; dead {
			refused400(t, a, "invalid_grant")
		} else {
			granted(t, a)
		}
	}
}

// drawer stores nothing; it lets the responder draw.
type drawer struct{}

func (drawer) Approve(context.Context, grant.Approval, ...audit.Entry) error { return nil }

func (drawer) CloseRequest(context.Context, secret.Digest, time.Time, ...audit.Entry) error {
	return nil
}

func entropyOfCodes(t *testing.T) {
	draws := 100_000
	if testing.Short() {
		draws = 10_000
	}
	codes := authorize.NewCode(drawer{}, system.Random{}, secret.Peppers{secret.NewPepper(make([]byte, 32))}, authorize.CodeLife(time.Minute))
	seen := make(map[string]bool, draws)
	var counts [256]int
	ones := 0
	for range draws {
		told, err := codes.Respond(t.Context(), authorize.Approved{})
		if err != nil {
			t.Fatal(err)
		}
		code := told["code"]
		body, ok := secret.ParseHandle(secret.Code, secret.Of(code))
		if !ok || len(body) != 32 || len(code) != 55 || seen[code] {
			t.Fatalf("got %q, %d bytes, seen before: %v; want 256 fresh bits", code, len(body), seen[code])
		}
		seen[code] = true
		for _, b := range body {
			counts[b]++
			for ; b != 0; b &= b - 1 {
				ones++
			}
		}
	}
	n := float64(draws * 32)
	chi := 0.0
	for _, c := range counts {
		chi += (float64(c) - n/256) * (float64(c) - n/256) / (n / 256)
	}
	if chi < 130 || chi > 420 { // 255 degrees of freedom, one in a thousand million either way
		t.Errorf("got chi-squared %.0f over the bytes; want 255 or so", chi)
	}
	if share := float64(ones) / (8 * n); share < 0.499 || share > 0.501 {
		t.Errorf("got %.5f of the bits set; want half", share)
	}
}
