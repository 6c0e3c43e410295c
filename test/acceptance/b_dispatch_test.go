package acceptance

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/test/passporttest"
)

var linesB = map[int]line{
	32: {says: "a grant that is added is served"},
	33: {says: "an unknown grant_type: unsupported_grant_type"},
	34: {says: "the answer is a bearer token; another response type adds members to it", instead: "a grant adds claims to the token; the members of the answer are the protocol's"},
	35: {says: "answers share no state"},
	36: {says: "a response_type that is not offered: unsupported_grant_type", instead: "unsupported_response_type, told to the client by redirect (RFC 6749, 4.1.2.1)"},
	37: {says: "no response_type: invalid_request", instead: toldToTheApp},
	38: {says: "an approval is completed by the grant that the request named"},
	39: {says: "errors come with their status; those that redirect with 302, in the query or the fragment", instead: "303, which never repeats a form (RFC 9700, 4.12); the rest as there"},
	40: {says: "the token endpoint's JSON is the server's own"},
	41: {says: "OAuth errors become HTTP answers with a JSON body"},
	42: {says: "accidents are not swallowed: 500", instead: "500 for a panic; 503 with Retry-After where something the server needs does not answer: neither is a verdict"},
	43: {says: "an error has error, error_description and perhaps a hint", instead: "a request_id that the log explains, and no hint: what is wrong is said once, in the description"},
}

func TestDispatch(t *testing.T) {
	inMemory(t, []rule{
		{"032 a grant that is added is served", addedGrant},
		{"033 an unknown grant_type", unknownType},
		{"034 claims go into the token", claimsInToken},
		{"035 answers share nothing", noSharedState},
		{"036 a response_type that is not offered", otherResponse},
		{"037 no response_type", noResponse},
		{"039 statuses and redirects", statuses},
		{"040 the JSON of an answer", answerJSON},
		{"041 errors are JSON", errorJSON},
		{"042 accidents are no verdicts", accidents},
		{"043 the members of an error", errorMembers},
	}, passporttest.WithGrant(voucher{}))
}

const voucherType = "urn:example:voucher"

// voucher is a grant of somebody else's: it trusts a word.
type voucher struct{}

func (voucher) Type() string     { return voucherType }
func (voucher) Params() []string { return []string{"voucher"} }

func (voucher) Authorize(_ context.Context, c client.Client, p exchange.Params) (grant.Authorization, error) {
	switch p.Get("voucher") {
	case "broken":
		return grant.Authorization{}, errors.New("the voucher printer is on fire")
	case "panic":
		panic("the voucher printer exploded")
	}
	claims := map[string]any{"tenant": "acme", "sub": "somebody else", "iss": "https://evil.example"}
	return grant.Authorization{Subject: subject.OfClient(string(c.ID)), AnyScope: true, Claims: claims}, nil
}

func (h *house) holder(t testing.TB) party {
	t.Helper()
	return h.register(t, client.Client{Grants: []string{voucherType}})
}

func addedGrant(t *testing.T, h *house) {
	granted(t, h.token(t, h.holder(t), form("grant_type", voucherType)))
	refused(t, h.token(t, h.machine, form("grant_type", voucherType)), 400, "unauthorized_client")
	without := open(t)
	refused(t, without.token(t, without.holder(t), form("grant_type", voucherType)), 400, "unsupported_grant_type")
}

func unknownType(t *testing.T, h *house) {
	refused(t, h.token(t, h.machine, form("grant_type", "unheard")), 400, "unsupported_grant_type")
}

func claimsInToken(t *testing.T, h *house) {
	c := h.holder(t)
	r := h.token(t, c, form("grant_type", voucherType))
	said := claims(t, granted(t, r).access)
	if said["tenant"] != "acme" || said["sub"] != string(c.ID) || said["iss"] != h.URL {
		t.Errorf("got %v; want the claim of the grant, and the server's own untouched", said)
	}
	if r.json(t)["tenant"] != nil {
		t.Errorf("got %s; want no members of the grant's", r.body)
	}
}

func noSharedState(t *testing.T, h *house) {
	first := h.redeemed(t, h.web)
	second := granted(t, h.token(t, h.machine, machineForm("scope", "profile")))
	third := h.refreshed(t, h.web, first.refresh)
	if second.refresh != "" || second.scopeTold || third.refresh == "" || third.scope == "profile" {
		t.Errorf("got %+v, %+v and %+v; want each to be of its own request", first, second, third)
	}
}

func otherResponse(t *testing.T, h *house) {
	for _, name := range []string{"unheard", "code token", "id_token", "authorization_code"} {
		wantAnswer(t, h.signedIn(t).Get(ask(h.web, "response_type", name)), webCallback, "unsupported_response_type")
	}
}

func noResponse(t *testing.T, h *house) {
	wantAnswer(t, h.signedIn(t).Get(ask(h.web, "response_type", "")), webCallback, "invalid_request")
}

func statuses(t *testing.T, h *house) {
	refused(t, h.token(t, h.machine, machineForm("scope", "unheard")), 400, "invalid_scope")
	refused(t, h.token(t, party{}, machineForm()), 401, "invalid_client")
	b := h.signedIn(t)
	for _, uri := range []string{"https://query.example/cb?a=b", "https://plain.example/cb"} {
		c := h.register(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{uri}})
		page := b.Get(ask(c, "scope", "unheard"))
		wantAnswer(t, page, uri, "invalid_scope")
		if got := page.Location[len(uri)]; got != '?' && got != '&' || strings.Count(page.Location, "?") != 1 {
			t.Errorf("got %s; want one query", page.Location)
		}
	}
}

func answerJSON(t *testing.T, h *house) {
	m := h.token(t, h.web, codeForm(h.web, h.code(t, h.web))).json(t)
	if got := slices.Sorted(maps.Keys(m)); strings.Join(got, " ") != "access_token expires_in refresh_token scope token_type" {
		t.Errorf("got members %v", got)
	}
}

func errorJSON(t *testing.T, h *house) {
	for code, r := range map[string]reply{
		"invalid_request":        h.token(t, h.machine, form()),
		"unsupported_grant_type": h.token(t, h.machine, form("grant_type", "x")),
		"unauthorized_client":    h.token(t, h.web, machineForm()),
		"invalid_grant":          h.token(t, h.web, refreshForm("x")),
	} {
		refused(t, r, 400, code)
		if got := r.header.Get("Content-Type"); got != "application/json" {
			t.Errorf("%s: got content type %q", code, got)
		}
	}
}

func accidents(t *testing.T, h *house) {
	c := h.holder(t)
	broken := h.token(t, c, form("grant_type", voucherType, "voucher", "broken"))
	refused(t, broken, http.StatusServiceUnavailable, "temporarily_unavailable")
	if broken.header.Get("Retry-After") == "" {
		t.Errorf("got headers %v; want Retry-After", broken.header)
	}
	exploded := h.token(t, c, form("grant_type", voucherType, "voucher", "panic"))
	refused(t, exploded, http.StatusInternalServerError, "server_error")
	for _, r := range []reply{broken, exploded} {
		if strings.Contains(r.body, "printer") {
			t.Errorf("got %s; want nothing of what is inside", r.body)
		}
	}
}

func errorMembers(t *testing.T, h *house) {
	r := h.token(t, h.machine, machineForm("scope", "unheard"))
	m := r.json(t)
	if got := slices.Sorted(maps.Keys(m)); strings.Join(got, " ") != "error error_description request_id" {
		t.Errorf("got members %v", got)
	}
	if m["request_id"] != r.header.Get("X-Request-Id") {
		t.Errorf("got %v and header %q; want one request id", m, r.header.Get("X-Request-Id"))
	}
}
