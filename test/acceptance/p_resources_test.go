package acceptance

import (
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
)

var linesP = map[int]line{
	188: {says: "a good JWT passes; token, client, person and scopes are told to the app"},
	189: {says: "an expired JWT fails, unless it is within the leeway", shown: "adapters/guard TestARememberedTokenExpires, adapters/guard TestClaimsThatPass"},
	190: {says: "the word bearer is read in any case"},
	191: {says: "garbage, a false signature, a revoked token, none at all: refused, each in other words", instead: "refused, all in one way: who guesses learns nothing"},
	192: {says: "person and client of a token are looked up once a request", instead: "neither is looked up: the token says who they are, and is asked about once a request, however many middlewares there are", shown: "adapters/guard TestOneLookARequest"},
	193: {says: "a failed look is reported once and not repeated", instead: "a bad token is 401 and none of the log's business; trouble is 503 and told to the log, once a request", shown: "adapters/guard TestTroubleIsLoggedOnce"},
	194: {says: "the token of a deleted person opens nothing, that of a revoked client neither", instead: "as there: disabling a person and deleting a client end all that hangs on them, so no token needs a look at either"},
	195: {says: "a client's token for itself has a client and no person"},
	196: {says: "a cookie works with a CSRF header, plain or encrypted, under any key", instead: "the proof is shown in the clear, in X-XSRF-TOKEN or X-CSRF-TOKEN: only scripts of this origin can read the cookie it comes from", shown: "adapters/httpapi TestAFirstPartyTokenNeedsItsProof"},
	197: {says: "a false CSRF header, a cookie without one, an expired cookie: nobody", shown: "adapters/httpapi TestAFirstPartyTokenNeedsItsProof"},
	198: {says: "the CSRF check can be turned off", instead: "it cannot: any site can make a browser send a cookie", shown: "adapters/httpapi TestAFirstPartyTokenNeedsItsProof"},
	199: {says: "a cookie that names a client tells it", instead: "no cookie names a client: its token is a person's, for scripts of this origin"},
	200: {says: "middleware passes with all the scopes it names, and fails without one"},
	201: {says: "middleware passes with any of the scopes it names, and fails with none"},
	202: {says: "middleware is written with a list or with arguments", instead: "with arguments, and a list is written list...; what is no scope is found when the program starts", shown: "adapters/guard TestMistakesInTheProgramAreFoundAtStart"},
	203: {says: "a page for somebody signed in sets a fresh cookie, nothing else does", shown: "adapters/httpapi TestAFreshTokenIsForPeopleWhoOpenAPage"},
	204: {says: "the cookie can be refreshed", shown: "adapters/httpapi TestTheTokenCanBeRefreshed"},
	205: {says: "the token of a cookie can do anything", shown: "adapters/httpapi TestAFirstPartyTokenNeedsItsProof"},
	206: {says: "a token can what its scopes say: plain, by * and by inheritance, and a child never its parent", shown: "domain/scope TestRule"},
	207: {says: "a person's tokenCan asks the token at hand", shown: "bootstrap TestTokenCanAsksTheTokenAtHand"},
	208: {says: "the cookie can be made under any key", instead: "its key is made of the app key for this purpose alone; what a previous app key sealed still opens", shown: "domain/secret TestOpenReadsWhatWasSealed"},
}

// What a guard in the process asks.
func TestInspection(t *testing.T) {
	onEach(t, []rule{
		{"188 a good token tells who and what", goodToken},
		{"191 whatever is no good token is refused in one way", noGoodToken},
		{"194 person and client end what hangs on them", endsWithOwner},
		{"195 a client for itself", clientForItself},
	})
}

func goodToken(t *testing.T, h *house) {
	got := h.redeemed(t, h.web, "scope", "orders:read profile")
	a, err := h.Introspect.Inspect(t.Context(), secret.Of(got.access))
	if err != nil || string(a.ID) != claims(t, got.access)["jti"] || a.Client != h.web.ID || a.Subject != subject.OfUser(string(h.alice.ID)) {
		t.Errorf("got %+v, %v; want what was issued", a, err)
	}
	if !a.Scopes.Has("orders:read") || !a.Scopes.Has("profile") || a.Scopes.Has("orders:write") {
		t.Errorf("got %v; want what was allowed", a.Scopes)
	}
}

func noGoodToken(t *testing.T, h *house) {
	got := h.redeemed(t, h.web)
	other := open(t) // another server signs the same claims with another key
	forged := other.redeemed(t, other.web)
	parts := strings.Split(got.access, ".")
	h.dead(t, "", "garbage", "a.b.c", forged.access, parts[0]+"."+parts[1]+".", strings.Join([]string{parts[0], parts[1], strings.Split(forged.access, ".")[2]}, "."))
	h.dead(t, got.refresh)
	h.live(t, got.access)
	h.submit(t, "/oauth/revoke", h.web, form("token", got.access))
	h.dead(t, got.access)
}

func endsWithOwner(t *testing.T, h *house) {
	dora := h.User(t, "dora")
	c := h.fresh(t)
	hers, his := h.madeBy(t, c, "dora"), h.madeBy(t, c, "alice")
	alone := granted(t, h.token(t, h.machine, machineForm()))
	if _, err := h.Users.Disable(t.Context(), string(dora.ID)); err != nil {
		t.Fatal(err)
	}
	h.dead(t, hers)
	h.live(t, his, alone.access)
	if err := h.Clients.Delete(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	h.dead(t, hers, his)
	h.live(t, alone.access)
}

// madeBy is an access token that a person allowed a client.
func (h *house) madeBy(t testing.TB, c party, username string) string {
	t.Helper()
	b := h.as(t, username)
	code := b.Approve(b.Get(ask(c, "prompt", "consent"))).Answer().Get("code")
	return granted(t, h.token(t, c, codeForm(c, code))).access
}

func clientForItself(t *testing.T, h *house) {
	got := granted(t, h.token(t, h.machine, machineForm("scope", "orders:read")))
	a, err := h.Introspect.Inspect(t.Context(), secret.Of(got.access))
	if err != nil || a.Client != h.machine.ID || a.Subject != subject.OfClient(string(h.machine.ID)) {
		t.Errorf("got %+v, %v; want a client, and nobody else", a, err)
	}
}
