package acceptance

import (
	"net/url"
	"testing"

	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/test/passporttest"
)

func TestTokenRequests(t *testing.T) {
	onEach(t, []rule{
		{"014 a grant answers its own grant_type", ownType},
		{"015 a grant that is not the client's", foreignGrant},
		{"017 no refresh token without the grant", withoutRefresh},
		{"018 an access token has an id and an end", idAndEnd},
		{"019 what a code at rest knows", codeAtRest},
		{"020 the body alone is read", bodyAlone},
		{"021 scopes are parted by one space", oneSpace},
		{"022 an unknown scope", unknownScope},
		{"023 identifiers are random", randomNames},
		{"024 no authorization request of another grant", noSuchResponse},
		{"029 errors go where they belong", errorsGoHome},
	})
}

func ownType(t *testing.T, h *house) {
	granted(t, h.token(t, h.machine, machineForm()))
	for _, name := range []string{"CLIENT_CREDENTIALS", "client_credentials2", "client", "code"} {
		refused(t, h.token(t, h.machine, machineForm("grant_type", name)), 400, "unsupported_grant_type")
	}
}

func foreignGrant(t *testing.T, h *house) {
	refused(t, h.token(t, h.web, machineForm()), 400, "unauthorized_client")
	refused(t, h.token(t, h.machine, form("grant_type", "authorization_code", "code", "x")), 400, "unauthorized_client")
}

func withoutRefresh(t *testing.T, h *house) {
	c := h.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
	if got := h.redeemed(t, c); got.refresh != "" {
		t.Errorf("got %+v; want no refresh token", got)
	}
	if got := h.redeemed(t, h.web); got.refresh == "" {
		t.Errorf("got %+v; want a refresh token", got)
	}
}

func idAndEnd(t *testing.T, h *house) {
	got := granted(t, h.token(t, h.machine, machineForm()))
	said, kept := claims(t, got.access), h.row(t, got.access)
	end, _ := said["exp"].(float64)
	if said["jti"] != string(kept.ID) || kept.ID == "" || int64(end) != kept.ExpiresAt.Unix() || !kept.ExpiresAt.After(h.Clock.Now()) {
		t.Errorf("got %v and row %+v; want one id and one end", said, kept)
	}
}

func codeAtRest(t *testing.T, h *house) {
	code := secret.Of(h.code(t, h.web))
	got, err := h.Storage.CodeFinder.FindCode(t.Context(), h.Peppers.Digests(code))
	if err != nil {
		t.Fatal(err)
	}
	if got.Family.Client != h.web.ID || got.Family.Subject != subject.OfUser(string(h.alice.ID)) || got.RedirectURI != webCallback {
		t.Errorf("got %+v; want the client, alice and %s", got, webCallback)
	}
	if got.Digest.IsZero() || got.Family.ID == "" || !got.ExpiresAt.After(h.Clock.Now()) {
		t.Errorf("got %+v; want a name and an end", got)
	}
}

func bodyAlone(t *testing.T, h *house) {
	granted(t, h.token(t, h.machine, machineForm(), "Cookie", "grant_type=authorization_code; client_id=x"))
	refused(t, h.submit(t, "/oauth/token?grant_type=client_credentials", h.machine, form()), 400, "invalid_request")
	refused(t, h.submit(t, "/oauth/token?scope=profile", h.machine, machineForm()), 400, "invalid_request")
	refused(t, h.submit(t, "/oauth/token", h.machine, form(), "Cookie", "grant_type=client_credentials"), 400, "invalid_request")
}

func oneSpace(t *testing.T, h *house) {
	for _, asked := range []string{"orders:read  profile", " orders:read", "orders:read ", "orders:read\tprofile"} {
		refused(t, h.token(t, h.machine, machineForm("scope", asked)), 400, "invalid_scope")
	}
	granted(t, h.token(t, h.machine, machineForm("scope", "orders:read profile")))
	zero := open(t, passporttest.Configured(func(c *core.Config) { c.Scopes = []core.Scope{{Name: "0"}} }))
	if got := granted(t, zero.token(t, zero.machine, machineForm("scope", "0"))); claims(t, got.access)["scope"] != "0" {
		t.Errorf("got %v; want scope 0", claims(t, got.access))
	}
}

func unknownScope(t *testing.T, h *house) {
	refused(t, h.token(t, h.machine, machineForm("scope", "orders:read unheard")), 400, "invalid_scope")
}

func randomNames(t *testing.T, h *house) {
	seen := map[string]bool{}
	for range 3 {
		access := granted(t, h.token(t, h.machine, machineForm())).access
		code := h.code(t, h.web)
		if body, ok := secret.ParseHandle(secret.Code, secret.Of(code)); !ok || len(body) != 32 {
			t.Errorf("got %q; want a code of 256 bits", code)
		}
		for _, name := range []string{code, string(h.row(t, access).ID)} {
			if seen[name] {
				t.Errorf("got %q twice", name)
			}
			seen[name] = true
		}
	}
}

func noSuchResponse(t *testing.T, h *house) {
	for _, name := range []string{"client_credentials", "refresh_token", "password"} {
		wantAnswer(t, h.signedIn(t).Get(ask(h.web, "response_type", name)), webCallback, "unsupported_response_type")
	}
}

func errorsGoHome(t *testing.T, h *house) {
	b := h.signedIn(t)
	wantProblem(t, b.Get(ask(h.web, "client_id", "unheard")), 400)
	wantAnswer(t, b.Get(ask(h.web, "scope", "unheard")), webCallback+"?", "invalid_scope")
	u, _ := url.Parse(b.Get(ask(h.web, "scope", "unheard")).Location)
	if u.Host != "app.example" || u.Path != "/cb" {
		t.Errorf("got %v; want the registered address", u)
	}
}
