package bootstrap_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

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

// What the server does is counted in the registry that a program scrapes already.
func ExampleWithMetrics() {
	dir, err := os.MkdirTemp("", "passport")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	registry := prometheus.NewRegistry()
	p, err := bootstrap.New(context.Background(), bootstrap.Config{
		Core:  core.Config{Issuer: "http://localhost:8080"},
		Keys:  keyring.Config{Dir: dir + "/keys", AppKey: secret.Of("b7Ye23ec29Kf22b0b4e41dQ31e868d572")},
		Store: sqlstore.Config{URL: "sqlite:" + dir + "/passport.db"},
	}, bootstrap.WithMetrics(registry))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	p.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/livez", nil))

	w := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "passport_http_request_duration_seconds_count") || strings.HasPrefix(line, `passport_database_connections_max{pool="write"}`) {
			fmt.Print(line)
		}
	}
	// Output:
	// passport_database_connections_max{pool="write"} 1
	// passport_http_request_duration_seconds_count{code="2xx",method="GET",route="/livez"} 1
}

func TestARegistryIsGivenBackAtTheEnd(t *testing.T) {
	dir, registry := t.TempDir(), prometheus.NewRegistry()
	open := func() (*bootstrap.Server, error) {
		return bootstrap.New(t.Context(), bootstrap.Config{
			Core:  core.Config{Issuer: "http://localhost:8080"},
			Keys:  keyring.Config{Dir: dir + "/keys", AppKey: secret.Of("b7Ye23ec29Kf22b0b4e41dQ31e868d572")},
			Store: sqlstore.Config{URL: "sqlite:" + dir + "/passport.db"},
		}, bootstrap.WithMetrics(registry))
	}
	first, err := open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(); err == nil {
		t.Error("got two servers in one registry; want the second refused")
	}
	first.Close()
	again, err := open()
	if err != nil {
		t.Fatalf("after the first was closed: %v", err)
	}
	again.Close()
	if left, err := registry.Gather(); err != nil || len(left) > 0 {
		t.Errorf("got %d families and %v after the end; want none", len(left), err)
	}
}

func TestRefusesWhatIsMissing(t *testing.T) {
	_, err := bootstrap.New(t.Context(), bootstrap.Config{})
	if err == nil {
		t.Error("got a server without an issuer, keys and a database; want a refusal")
	}
}
