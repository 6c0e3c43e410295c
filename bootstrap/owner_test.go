package bootstrap_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gopassport/passport/bootstrap"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// member is a team's own type of a person.
type member struct{ id, name string }

func (m member) PassportID() string { return m.id }

var withOrders = core.Config{
	Issuer: api, Scopes: []core.Scope{{Name: "orders:read", Description: "See your orders"}, {Name: "profile", Description: "See your name"}},
}

// members is a team's own directory.
type members map[user.ID]member

func (m members) FindUser(_ context.Context, id user.ID) (user.User, error) {
	who, is := m[id]
	if !is {
		return user.User{}, ports.ErrNotFound
	}
	return user.User{ID: id, Username: who.name, Name: who.name}, nil
}

func (m members) FindUsername(context.Context, string, string) (user.User, error) {
	return user.User{}, ports.ErrNotFound
}

func (m members) CheckPassword(context.Context, user.User, secret.Value) (bool, error) {
	return false, nil
}

func TestAResourceOwnerOfATeamsOwnType(t *testing.T) {
	t.Parallel()
	ada, bob := member{"member/1", "ada"}, member{"member/2", "bob"}
	all := members{"member/1": ada, "member/2": bob}
	p := installed(t, withOrders, bootstrap.WithUsers(all, all))
	ctx, hers := t.Context(), p.Owner(ada)

	made, err := hers.CreateToken(ctx, "laptop", []string{"orders:read"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	short := made.ExpiresAt.Sub(made.IssuedAt)
	if short > time.Hour || short < 59*time.Minute {
		t.Errorf("got a token for %s; want an hour", short)
	}
	if list, err := hers.Tokens(ctx); err != nil || len(list) != 1 || list[0].ID != made.ID || list[0].Name != "laptop" {
		t.Errorf("her tokens: got %+v, %v; want the one", list, err)
	}
	if list, err := p.Owner(bob).Tokens(ctx); err != nil || len(list) != 0 {
		t.Errorf("his tokens: got %+v, %v; want none", list, err)
	}
	if err := p.Owner(bob).RevokeToken(ctx, made.ID); !errors.Is(err, ports.ErrNotFound) {
		t.Errorf("he ends hers: got %v; want not found", err)
	}
	if apps, err := hers.AuthorizedApps(ctx); err != nil || len(apps) != 0 {
		t.Errorf("apps: got %v, %v; want none: a personal token is no app's", apps, err)
	}
	if _, err := hers.CreateToken(ctx, "", nil, 0); err == nil {
		t.Error("a token without a name: want a refusal")
	}
	if _, err := p.Owner(member{id: "member/3"}).CreateToken(ctx, "x", nil, 0); !errors.Is(err, ports.ErrNotFound) {
		t.Errorf("for nobody: got %v; want not found", err)
	}
	if err := hers.RevokeAll(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Inspect(ctx, made.Value); !errors.Is(err, ports.ErrNotFound) {
		t.Errorf("after all were revoked: got %v; want it dead", err)
	}
}

// 207: a person's TokenCan asks the token at hand.
func TestTokenCanAsksTheTokenAtHand(t *testing.T) {
	t.Parallel()
	ada, bob := member{"member/1", "ada"}, member{"member/2", "bob"}
	all := members{"member/1": ada, "member/2": bob}
	p := installed(t, withOrders, bootstrap.WithUsers(all, all))
	made, err := p.Owner(ada).CreateToken(t.Context(), "laptop", []string{"orders:read"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.Guard(api)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(bearer string, h func(ctx context.Context)) {
		r := httptest.NewRequest(http.MethodGet, "/orders", nil)
		r.Header.Set("Authorization", "Bearer "+bearer)
		w := httptest.NewRecorder()
		g.RequireToken(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { h(r.Context()) })).ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	}
	ask(made.Value.Reveal(), func(ctx context.Context) {
		for _, tc := range []struct {
			name  string
			who   member
			scope string
			want  bool
		}{
			{"her token, its scope", ada, "orders:read", true},
			{"her token, another scope", ada, "profile", false},
			{"his, that is none", bob, "orders:read", false},
		} {
			if got := p.Owner(tc.who).TokenCan(ctx, tc.scope); got != tc.want {
				t.Errorf("%s: got %v; want %v", tc.name, got, tc.want)
			}
		}
		if got := p.Owner(ada).Token(ctx).ID(); got != string(made.ID) {
			t.Errorf("the token at hand: got %s; want %s", got, made.ID)
		}
	})
	if p.Owner(ada).TokenCan(t.Context(), "orders:read") {
		t.Error("outside of a request: got yes; want no")
	}
}
