package acceptance

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/passporttest"
)

// device is what an app on a device was answered.
type device struct {
	code, userCode, uri, complete string
	expiresIn, interval           float64
}

func (h *house) tv(t testing.TB) party {
	t.Helper()
	return h.register(t, client.Client{Name: "Acme TV", Auth: client.None, Grants: []string{grant.DeviceType, "refresh_token"}})
}

func (h *house) begin(t testing.TB, c party, changes ...string) device {
	t.Helper()
	r := h.submit(t, "/oauth/device/code", c, changed(form("scope", "orders:read"), changes))
	m := r.json(t)
	if r.status != 200 {
		t.Fatalf("got %d %s; want codes", r.status, r.body)
	}
	d := device{}
	d.code, _ = m["device_code"].(string)
	d.userCode, _ = m["user_code"].(string)
	d.uri, _ = m["verification_uri"].(string)
	d.complete, _ = m["verification_uri_complete"].(string)
	d.expiresIn, _ = m["expires_in"].(float64)
	d.interval, _ = m["interval"].(float64)
	return d
}

// poll waits as long as it was told before it asks.
func (h *house) poll(t testing.TB, c party, d device, changes ...string) reply {
	t.Helper()
	h.Clock.Advance(time.Duration(d.interval+1) * time.Second)
	return h.pollNow(t, c, d, changes...)
}

func (h *house) pollNow(t testing.TB, c party, d device, changes ...string) reply {
	t.Helper()
	return h.token(t, c, changed(form("grant_type", grant.DeviceType, "device_code", d.code), changes))
}

// typed enters a user code.
func typed(b *passporttest.Browser, code string) passporttest.Page {
	return b.Post("/oauth/device", url.Values{"handle": {b.Get("/oauth/device").Handle()}, "user_code": {code}})
}

// decided presses a button of the page that asks for a device.
func decided(b *passporttest.Browser, p passporttest.Page, verdict string) passporttest.Page {
	return b.Post("/oauth/device/authorize", decision(p.Handle(), verdict))
}

func TestDevices(t *testing.T) {
	onEach(t, []rule{
		{"140 the name of the grant", deviceIsOffered},
		{"141 what a device is answered", deviceAnswer},
		{"142 143 address with the code in it, and interval", deviceExtras},
		{"144 requests that are refused", badDeviceRequests},
		{"145 an approval marks the code", approvalMarks},
		{"146 an approval buys both tokens", approvedPoll},
		{"147 polls that lack something", badPolls},
		{"148 what polls are told", pollsAreTold},
		{"149 too soon after the first poll", tooSoon},
		{"150 ten minutes, at /oauth/device", tenMinutes},
		{"155 a refusal, and the poll after it", deviceRefused},
		{"156 a public client, and a confidential one", devicePublic},
	})
}

func deviceIsOffered(t *testing.T, h *house) {
	doc := h.Browser(t).Get("/.well-known/oauth-authorization-server").Body
	contains(t, doc, `"urn:ietf:params:oauth:grant-type:device_code"`, `"device_authorization_endpoint":"`+h.URL+`/oauth/device/code"`)
}

func deviceAnswer(t *testing.T, h *house) {
	r := h.submit(t, "/oauth/device/code", h.tv(t), form())
	m := r.json(t)
	for _, name := range []string{"device_code", "user_code", "verification_uri", "expires_in"} {
		if m[name] == nil {
			t.Errorf("got %s; want %s", r.body, name)
		}
	}
	if r.header.Get("Cache-Control") != "no-store" || r.header.Get("Pragma") != "no-cache" {
		t.Errorf("got headers %v; want nothing cached", r.header)
	}
}

func deviceExtras(t *testing.T, h *house) {
	d := h.begin(t, h.tv(t))
	if want := d.uri + "?user_code=" + d.userCode; d.complete != want || d.interval != 5 {
		t.Errorf("got %+v; want %s, and 5 seconds", d, want)
	}
	slow := open(t, withInterval)
	if d := slow.begin(t, slow.tv(t)); d.interval != 20 {
		t.Errorf("got %+v; want the 20 seconds that were configured", d)
	}
}

func badDeviceRequests(t *testing.T, h *house) {
	c := h.tv(t)
	refused(t, h.send(t, "/oauth/device/code", ""), 401, "invalid_client")
	refused(t, h.send(t, "/oauth/device/code", "client_id=0198f5a0-0000-7000-8000-00000000a901"), 401, "invalid_client")
	refused(t, h.submit(t, "/oauth/device/code", c, form("scope", "unheard")), 400, "invalid_scope")
	refused(t, h.submit(t, "/oauth/device/code", h.spa, form()), 400, "unauthorized_client")
}

func approvalMarks(t *testing.T, h *house) {
	d, b := h.begin(t, h.tv(t)), h.signedIn(t)
	page := typed(b, d.userCode)
	wantConsent(t, page)
	kept := func() grant.Device {
		code, _ := grant.ParseUserCode(d.userCode)
		kept, err := h.Storage.DeviceBook.FindUserCode(t.Context(), h.Peppers.Digests(code.Secret()))
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	if !kept().PendingAt(h.Clock.Now()) {
		t.Errorf("got %+v; want it pending", kept())
	}
	decided(b, page, "approve")
	if got := kept(); got.Family.ID == "" || !got.DeniedAt.IsZero() {
		t.Errorf("got %+v; want it approved", got)
	}
}

func approvedPoll(t *testing.T, h *house) {
	c := h.tv(t)
	d, b, heard := h.begin(t, c, "scope", "orders:read profile"), h.signedIn(t), h.heard.since(audit.TokenIssued)
	decided(b, typed(b, d.userCode), "approve")
	refused(t, h.poll(t, c, d, "scope", "orders:write"), 400, "invalid_scope")
	got := granted(t, h.poll(t, c, d))
	a, err := h.Introspect.Inspect(t.Context(), secret.Of(got.access))
	if err != nil || got.refresh == "" || a.Subject.ID != string(h.alice.ID) || a.Scopes.String() != "orders:read profile" {
		t.Errorf("got %+v, %+v, %v; want both tokens of alice with the scopes of the request", got, a, err)
	}
	if all := heard(); len(all) != 1 || all[0].Object != string(a.ID) {
		t.Errorf("heard %+v; want the token", all)
	}
	refused(t, h.poll(t, c, d), 400, "invalid_grant") // it comes back
	h.dead(t, got.access)
}

func badPolls(t *testing.T, h *house) {
	c := h.tv(t)
	d := h.begin(t, c)
	refused(t, h.token(t, party{}, form("grant_type", grant.DeviceType, "device_code", d.code)), 401, "invalid_client")
	refused(t, h.poll(t, c, d, "device_code", ""), 400, "invalid_request")
	refused(t, h.poll(t, c, d, "device_code", "garbage"), 400, "invalid_grant")
	refused(t, h.poll(t, h.tv(t), d), 400, "invalid_grant") // another client's
}

func pollsAreTold(t *testing.T, h *house) {
	c := h.tv(t)
	d := h.begin(t, c)
	refused(t, h.poll(t, c, d), 400, "authorization_pending")
	refused(t, h.pollNow(t, c, d), 400, "slow_down")
	refused(t, h.pollNow(t, c, d), 400, "slow_down")
	h.Clock.Advance(10 * time.Minute)
	refused(t, h.pollNow(t, c, d), 400, "expired_token")
	d, b := h.begin(t, c), h.signedIn(t)
	decided(b, typed(b, d.userCode), "deny")
	if m := h.poll(t, c, d).json(t); m["error"] != "access_denied" {
		t.Errorf("got %v; want access_denied", m)
	}
}

func tooSoon(t *testing.T, h *house) {
	c := h.tv(t)
	d := h.begin(t, c)
	refused(t, h.pollNow(t, c, d), 400, "authorization_pending")
	refused(t, h.pollNow(t, c, d), 400, "slow_down")
	h.Clock.Advance(6 * time.Second) // the interval has grown to ten
	refused(t, h.pollNow(t, c, d), 400, "slow_down")
	h.Clock.Advance(16 * time.Second)
	refused(t, h.pollNow(t, c, d), 400, "authorization_pending")
}

func tenMinutes(t *testing.T, h *house) {
	d := h.begin(t, h.tv(t))
	if d.expiresIn != 600 || d.uri != h.URL+"/oauth/device" {
		t.Errorf("got %+v; want 600 seconds, and %s/oauth/device", d, h.URL)
	}
	h.Clock.Advance(10 * time.Minute)
	if page := typed(h.signedIn(t), d.userCode); asksConsent(page) {
		t.Errorf("got %s; want an expired code refused", page.Body)
	}
}

func deviceRefused(t *testing.T, h *house) {
	c := h.tv(t)
	d, b := h.begin(t, c), h.signedIn(t)
	contains(t, decided(b, typed(b, d.userCode), "deny").Body, "Nothing was allowed", "Acme TV")
	other := h.begin(t, c)
	contains(t, deleted(t, b, h.URL+"/oauth/device/authorize", typed(b, other.userCode).Handle()).Body, "Nothing was allowed")
	for _, d := range []device{d, d, other} {
		refused(t, h.poll(t, c, d), 400, "access_denied")
	}
}

func devicePublic(t *testing.T, h *house) {
	secretive := h.register(t, client.Client{Name: "Acme Box", Grants: []string{grant.DeviceType}})
	refused(t, h.send(t, "/oauth/device/code", "client_id="+string(secretive.ID)), 401, "invalid_client")
	for _, c := range []party{h.tv(t), secretive} {
		d, b := h.begin(t, c), h.signedIn(t)
		decided(b, typed(b, d.userCode), "approve")
		if got := granted(t, h.poll(t, c, d)); (got.refresh != "") != c.MayUse("refresh_token") {
			t.Errorf("got %+v", got)
		}
	}
}

func TestDevicePages(t *testing.T) {
	onEach(t, []rule{
		{"151 the decision without a code", decisionWithoutCode},
		{"152 the page of the code", codePage},
		{"153 a wrong code", wrongCode},
		{"154 the page of the decision", decisionPage},
	})
}

func decisionWithoutCode(t *testing.T, h *house) {
	page := h.signedIn(t).Get("/oauth/device/authorize")
	if page.Status != 200 || page.URL.Path != "/oauth/device" {
		t.Errorf("got %d at %s; want the page of the code", page.Status, page.URL)
	}
}

func codePage(t *testing.T, h *house) {
	guest := h.Browser(t)
	page := guest.Get("/oauth/device")
	contains(t, page.Body, `name="user_code" value=""`)
	d := h.begin(t, h.tv(t))
	page = guest.Get(strings.TrimPrefix(d.complete, h.URL))
	contains(t, page.Body, `name="user_code" value="`+d.userCode+`"`)
	if asksConsent(page) || strings.Contains(page.Body, "Acme TV") {
		t.Error("a link led past the page of the code")
	}
}

func wrongCode(t *testing.T, h *house) {
	page := typed(h.signedIn(t), "BCDF-GHJK")
	if page.Status != 400 || page.Handle() == "" {
		t.Errorf("got %d %s; want the form again", page.Status, page.Body)
	}
	contains(t, page.Body, `name="user_code" value="BCDF-GHJK"`, "This code is not known")
	contains(t, typed(h.signedIn(t), "<b>x</b>").Body, `value="&lt;b&gt;x&lt;/b&gt;"`)
}

func decisionPage(t *testing.T, h *house) {
	d := h.begin(t, h.tv(t), "scope", "orders:read profile")
	b := h.Browser(t)
	page := typed(b, strings.ToLower(strings.ReplaceAll(d.userCode, "-", " ")))
	wantSignIn(t, page)
	page = b.SignIn(page, "alice", passporttest.Password)
	wantConsent(t, page)
	contains(t, page.Body, "Acme TV", "alice", "See your orders", "See your name")
	contains(t, decided(b, page, "approve").Body, "Your device is connected", "Acme TV")
	wantProblem(t, decided(b, page, "approve"), 400)
	stranger := h.signedIn(t)
	if again := typed(stranger, d.userCode); asksConsent(again) {
		t.Errorf("got %s; want an answered code refused", again.Body)
	}
}
