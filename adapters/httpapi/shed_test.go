package httpapi_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
)

// busy answers about clients when it is let go.
type busy struct {
	ports.ClientFinder
	asked chan struct{}
	gate  chan struct{}
}

func (b busy) FindClient(ctx context.Context, id client.ID) (client.Client, error) {
	b.asked <- struct{}{}
	<-b.gate
	return b.ClientFinder.FindClient(ctx, id)
}

func TestWhatIsTooMuchIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	b := busy{asked: make(chan struct{}), gate: make(chan struct{})}
	s := passporttest.New(t, passporttest.ServedAs(func(c *httpapi.Config) { c.MaxRequests = 3 }),
		passporttest.Wrapping(func(p ports.Storage) ports.Storage { b.ClientFinder = p.ClientFinder; p.ClientFinder = b; return p }))
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"0198f5a0-0000-7000-8000-00000000a901"}, "client_secret": {"x"}}
	done := make(chan int)
	for range 3 {
		go func() {
			status := 0
			if res, err := http.PostForm(s.URL+"/oauth/token", form); err == nil {
				status = res.StatusCode
				_ = res.Body.Close()
			}
			done <- status
		}()
		<-b.asked
	}
	began := time.Now()
	for path, want := range map[string]int{"/oauth/jwks": http.StatusServiceUnavailable, "/oauth/login": http.StatusServiceUnavailable, "/livez": 200, "/readyz": 200} {
		res, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want || want != 200 && res.Header.Get("Retry-After") == "" {
			t.Errorf("%s: got %d, Retry-After %q; want %d", path, res.StatusCode, res.Header.Get("Retry-After"), want)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the refusals took %s; want them at once", took)
	}
	close(b.gate)
	for range 3 {
		if got := <-done; got != http.StatusUnauthorized {
			t.Errorf("got %d for what was being answered; want 401", got)
		}
	}
	if res, err := http.Get(s.URL + "/oauth/jwks"); err != nil || res.StatusCode != 200 {
		t.Errorf("got %v, %v afterwards; want 200", res, err)
	}
}
