package bootstrap_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/gopassport/passport/adapters/keyring"
	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/bootstrap"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/secret"
)

func embed(ctx context.Context, dir string) error {
	p, err := bootstrap.New(ctx, bootstrap.Config{
		Core:  core.Config{Issuer: "http://localhost:8080", Scopes: []core.Scope{{Name: "orders:read", Description: "See your orders"}}},
		Keys:  keyring.Config{Dir: dir + "/keys", AppKey: secret.Of(os.Getenv("APP_KEY"))},
		Store: sqlstore.Config{URL: "sqlite:" + dir + "/passport.db"},
	})
	if err != nil {
		return err
	}
	defer p.Close()
	if err := errors.Join(p.Install(ctx), p.Start(ctx)); err != nil { // migrates, makes keys and first clients; keeps house
		return err
	}
	http.Handle("/oauth/", p.Handler())
	http.Handle("/.well-known/", p.Handler())

	w := httptest.NewRecorder()
	http.DefaultServeMux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/.well-known/oauth-authorization-server", nil))
	fmt.Println(w.Code)
	return nil
}

// The program of the README: a server in a program of yours, on a SQLite file.
func Example() {
	dir, err := os.MkdirTemp("", "passport")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	_ = os.Setenv("APP_KEY", "b7Ye23ec29Kf22b0b4e41dQ31e868d572")
	if err := embed(context.Background(), dir); err != nil {
		fmt.Println(err)
	}
	// Output: 200
}

func TestRefusesWhatIsMissing(t *testing.T) {
	_, err := bootstrap.New(t.Context(), bootstrap.Config{})
	if err == nil {
		t.Error("got a server without an issuer, keys and a database; want a refusal")
	}
}
