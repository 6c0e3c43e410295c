package issue_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/test/passporttest"
)

// careless is a grant that forgets to say who allowed anything.
type careless struct{}

func (careless) Type() string { return "urn:test:careless" }

func (careless) Params() []string { return nil }

func (careless) Authorize(context.Context, client.Client, exchange.Params) (grant.Authorization, error) {
	return grant.Authorization{AnyScope: true}, nil
}

func TestNobodyGetsNoToken(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t, passporttest.WithGrant(careless{}))
	c, v := s.Client(t, client.Client{Grants: []string{"urn:test:careless"}, OpaqueTokens: true})
	form := url.Values{"grant_type": {"urn:test:careless"}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(string(c.ID), v)
	if page := s.Browser(t).Do(r); page.Status != http.StatusServiceUnavailable {
		t.Errorf("got %d %s; want no token for nobody", page.Status, page.Body)
	}
}
