package acceptance

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/test/passporttest"
)

var linesD = map[int]line{
	79: {says: "an approval needs the token of the session's request, and uses it up", instead: "the handle of the pending request, bound to the browser that asked: it says which of several"},
	80: {says: "a refusal marks the request and redirects with the error"},
	81: {says: "a decision without a pending request is an error, and nothing is issued"},
	82: {says: "a decision with another token or none is refused, and the request is dropped", instead: "refused, and the request stays: nobody can end another's request by guessing"},
}

func TestDecisions(t *testing.T) {
	onEach(t, []rule{
		{"079 an approval needs the handle, once", handleOnce},
		{"080 a refusal is kept and told", refusalIsKept},
		{"081 no pending request", noPendingRequest},
		{"082 another handle", anotherHandle},
	})
}

func decision(handle, verdict string) url.Values {
	return url.Values{"handle": {handle}, "decision": {verdict}}
}

func handleOnce(t *testing.T, h *house) {
	b := h.signedIn(t)
	page := b.Get(ask(h.web, "prompt", "consent"))
	other := h.signedIn(t)
	wantProblem(t, other.Approve(page), http.StatusForbidden)
	wantAnswer(t, b.Approve(page), webCallback, "")
	wantProblem(t, b.Approve(page), http.StatusBadRequest)
}

func refusalIsKept(t *testing.T, h *house) {
	b, heard := h.signedIn(t), h.heard.since(audit.ConsentDenied)
	page := b.Get(ask(h.web, "prompt", "consent"))
	wantAnswer(t, b.Deny(page), webCallback, "access_denied")
	if got := heard(); len(got) != 1 || got[0].Client != h.web.ID || got[0].Subject.ID != string(h.alice.ID) {
		t.Errorf("heard %+v; want that alice refused", got)
	}
	wantProblem(t, b.Approve(page), http.StatusBadRequest)
	page = b.Get(ask(h.web, "prompt", "consent"))
	wantAnswer(t, deleted(t, b, h.URL+"/oauth/authorize", page.Handle()), webCallback, "access_denied") // as Passport's forms do
}

// deleted refuses a request by DELETE.
func deleted(t testing.TB, b *passporttest.Browser, at, handle string) passporttest.Page {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, at+"?"+url.Values{"handle": {handle}}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.Do(r)
}

func noPendingRequest(t *testing.T, h *house) {
	b, heard := h.signedIn(t), h.heard.since(audit.ConsentGranted)
	page := b.Get(ask(h.web, "prompt", "consent"))
	h.Clock.Advance(time.Hour)
	wantProblem(t, b.Approve(page), http.StatusBadRequest)
	wantProblem(t, b.Post("/oauth/authorize", decision("unheard", "approve")), http.StatusBadRequest)
	if got := heard(); len(got) > 0 {
		t.Errorf("heard %+v; want nothing", got)
	}
}

func anotherHandle(t *testing.T, h *house) {
	b, stranger := h.signedIn(t), h.signedIn(t)
	page := b.Get(ask(h.web, "prompt", "consent"))
	foreign := stranger.Get(ask(h.spa, "prompt", "consent"))
	wantProblem(t, b.Approve(foreign), http.StatusForbidden)
	wantProblem(t, stranger.Deny(page), http.StatusForbidden)
	wantProblem(t, b.Post("/oauth/authorize", decision("", "approve")), http.StatusBadRequest)
	wantAnswer(t, b.Approve(page), webCallback, "")
	wantAnswer(t, stranger.Approve(foreign), spaCallback, "")
}
