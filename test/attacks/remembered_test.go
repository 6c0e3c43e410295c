package attacks

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// A process remembers the records of clients for a few seconds. None of these waits for them to pass.
func TestClientsThatAnotherProcessChanges(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on).try(t, []attempt{
			{"what a client may no longer do is refused at once", lessAtOnce},
			{"what a client may do from now on is granted at once", moreAtOnce},
			{"no token is issued once a client was disabled", noneOnceDisabled},
		})
	})
}

// machine is a client that both processes have met.
func (d *desk) machine(t *testing.T, other *desk) party {
	t.Helper()
	c := d.register(t, client.Client{Grants: []string{"client_credentials"}, Scopes: scope.Of("orders:read")})
	granted(t, d.submit(t, "/oauth/token", c, machineForm()))
	granted(t, other.submit(t, "/oauth/token", c, machineForm("scope", "orders:read")))
	return c
}

func lessAtOnce(t *testing.T, d *desk) {
	other := d.beside(t)
	for name, tc := range map[string]struct {
		change func(id client.ID) error
		code   string
	}{
		"disabled": {func(id client.ID) error { _, err := d.Clients.Disable(t.Context(), id); return err }, ""},
		"deleted":  {func(id client.ID) error { return d.Clients.Delete(t.Context(), id) }, ""},
		"another secret": {func(id client.ID) error {
			_, _, err := d.Clients.RotateSecret(t.Context(), id, 0)
			return err
		}, ""},
		"another grant": {func(id client.ID) error {
			_, err := d.Clients.Update(t.Context(), id, func(c *client.Client) { c.Grants = []string{"personal_access"} })
			return err
		}, "unauthorized_client"},
		"other scopes": {func(id client.ID) error {
			_, err := d.Clients.Update(t.Context(), id, func(c *client.Client) { c.Scopes = scope.Of("profile") })
			return err
		}, "invalid_scope"},
	} {
		c := d.machine(t, other)
		if err := tc.change(c.ID); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, process := range []*desk{other, d} {
			if a := process.submit(t, "/oauth/token", c, machineForm("scope", "orders:read")); tc.code == "" {
				refused401(t, a, true)
			} else {
				refused400(t, a, tc.code)
			}
		}
	}
}

func moreAtOnce(t *testing.T, d *desk) {
	other := d.beside(t)
	c := d.machine(t, other)
	refused400(t, other.submit(t, "/oauth/token", c, machineForm("scope", "profile")), "invalid_scope")
	if _, err := d.Clients.Update(t.Context(), c.ID, func(c *client.Client) { c.Scopes = scope.Of("orders:read", "profile") }); err != nil {
		t.Fatal(err)
	}
	granted(t, other.submit(t, "/oauth/token", c, machineForm("scope", "profile")))
	_, v, err := d.Clients.RotateSecret(t.Context(), c.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	c.secret = v.Reveal()
	granted(t, other.submit(t, "/oauth/token", c, machineForm()))
	given := granted(t, d.submit(t, "/oauth/token", d.api, machineForm()))
	asked := form("token", given.access)
	if a := other.submit(t, "/oauth/introspect", c, asked); a.body != `{"active":false}` {
		t.Fatalf("introspection of another's token: got %s; want that it is none of the client's business", a)
	}
	if _, err := d.Clients.Update(t.Context(), c.ID, func(c *client.Client) { c.Serves = []string{d.URL} }); err != nil {
		t.Fatal(err)
	}
	if a := other.submit(t, "/oauth/introspect", c, asked); a.body == `{"active":false}` {
		t.Errorf("introspection by who serves the resource now: got %s; want what it says", a)
	}
}

// noneOnceDisabled lets both processes be asked all the time while the client is disabled.
func noneOnceDisabled(t *testing.T, d *desk) {
	other := d.beside(t)
	for range 3 {
		c := d.machine(t, other)
		var acknowledged atomic.Bool
		var all sync.WaitGroup
		for i := range 6 {
			process := []*desk{d, other}[i%2]
			all.Go(func() {
				for late := 0; late < 2; {
					after := acknowledged.Load()
					a, err := process.submitted("/oauth/token", c, machineForm())
					switch {
					case err != nil:
						t.Error(err)
						return
					case after && a.status != http.StatusUnauthorized:
						t.Errorf("asked after the client was disabled: got %s; want 401", a)
					case a.status != http.StatusOK && a.status != http.StatusUnauthorized && a.status != http.StatusTooManyRequests:
						t.Errorf("got %s; want a token or 401", a)
					}
					if after {
						late++
					}
				}
			})
		}
		if _, err := d.Clients.Disable(t.Context(), c.ID); err != nil {
			t.Error(err)
		}
		acknowledged.Store(true)
		all.Wait()
	}
}

// reads counts how often a client's record is read.
type reads struct {
	ports.ClientFinder
	n *atomic.Int64
}

func (r reads) FindClient(ctx context.Context, id client.ID) (client.Client, error) {
	r.n.Add(1)
	return r.ClientFinder.FindClient(ctx, id)
}

func TestARefusalCostsOneReadOfTheClientAndAnAnswerNone(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	h := open(t, passporttest.Wrapping(func(s ports.Storage) ports.Storage {
		s.ClientFinder = reads{s.ClientFinder, &n}
		return s
	}))
	d := &desk{house: h}
	granted(t, d.submit(t, "/oauth/token", d.m2m, machineForm()))
	wrong := d.m2m
	wrong.secret += "x"
	for _, tc := range []struct {
		name string
		by   party
		path string
		form []string
		want int64
	}{
		{"an answer", d.m2m, "/oauth/token", nil, 0},
		{"a wrong secret", wrong, "/oauth/token", nil, 1},
		{"an unknown scope", d.m2m, "/oauth/token", []string{"scope", "unheard"}, 1},
		{"another grant", d.m2m, "/oauth/token", []string{"grant_type", "refresh_token", "refresh_token", "x"}, 1},
		{"a token that is none", d.m2m, "/oauth/introspect", []string{"token", "x"}, 0},
	} {
		before := n.Load()
		for range 5 {
			d.submit(t, tc.path, tc.by, machineForm(tc.form...))
		}
		if got := n.Load() - before; got != 5*tc.want {
			t.Errorf("%s, five times: got %d reads; want %d", tc.name, got, 5*tc.want)
		}
	}
}
