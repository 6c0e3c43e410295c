package cli

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/application/clients"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/grants/authorizationcode"
	"github.com/gopassport/passport/application/grants/clientcredentials"
	"github.com/gopassport/passport/application/grants/refreshtoken"
	"github.com/gopassport/passport/application/install"
	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/application/ready"
	"github.com/gopassport/passport/application/resolve"
	"github.com/gopassport/passport/application/revoke"
	"github.com/gopassport/passport/application/users"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// config is a binary's, as small as it can be.
type config struct {
	Core  coreConfig `koanf:",squash"`
	Keys  keysConfig `koanf:",squash"`
	Store storeConfig
}

type coreConfig struct {
	Issuer    string      `koanf:"issuer"`
	Addr      string      `koanf:"addr"`
	Algorithm string      `koanf:"signing_algorithm"`
	Scopes    []scopeLine `koanf:"scopes"`
}

type scopeLine struct {
	Name        string `koanf:"name"`
	Description string `koanf:"description"`
}

func (c coreConfig) catalog() scope.Catalog {
	var all scope.Catalog
	for _, one := range c.Scopes {
		all.Scopes = append(all.Scopes, scope.Definition(one))
	}
	return all
}

func (c coreConfig) Validate() error {
	if c.Issuer == "" {
		return errors.New("issuer is missing")
	}
	return nil
}

type keysConfig struct {
	AppKey secret.Value `koanf:"app_key"`
	Dir    string       `koanf:"keys_dir"`
}

func (c keysConfig) Validate() error {
	if len(c.AppKey.Reveal()) < 32 {
		return errors.New("app_key needs 32 bytes")
	}
	return nil
}

type storeConfig struct {
	URL     string `koanf:"database_url"`
	Migrate bool   `koanf:"migrate"`
}

// bench is a database that outlives the commands run on it.
type bench struct {
	store    *memory.Store
	schema   *schema
	serve    func(ctx context.Context, c config) error
	buildErr error
	built    []config
	closed   int

	env      []string
	stdin    string
	answers  []string // of a person at a terminal, without echo
	terminal bool
}

func newBench() *bench {
	return &bench{
		store: memory.New(system.Clock{}), schema: &schema{names: []string{"0001_first"}, applied: 1},
		env:   []string{"PASSPORT_ISSUER=http://127.0.0.1:8080", "PASSPORT_APP_KEY=" + strings.Repeat("k", 31) + "!"},
		serve: func(context.Context, config) error { return nil },
	}
}

func (b *bench) build(_ context.Context, c config) (*App, func(), error) {
	b.built = append(b.built, c)
	if b.buildErr != nil {
		return nil, nil, b.buildErr
	}
	p := ports.Storage(memory.Ports(b.store))
	clock, random := system.Clock{}, system.Random{}
	peppers := secret.Peppers{secret.NewPepper([]byte(c.Keys.AppKey.Reveal()))}
	hasher := argon2.New(argon2.Config{Memory: 64, Time: 1, Threads: 1})
	ks := keys.New(keys.Config{Algorithm: key.ES256, Overlap: time.Hour}, keys.Tools{
		Book: p.KeyBook, AppKeys: p.AppKeyBook, Maker: maker{random}, Peppers: peppers, Clock: clock,
	})
	tokens := resolve.New(resolve.Issuer(c.Core.Issuer), resolve.Tools{
		Keys: none{}, Access: p.AccessBook, Families: p.RefreshFinder, Peppers: peppers,
	})
	served, err := exchange.New(exchange.Tools{}, exchange.Grants{
		authorizationcode.New(p.CodeFinder, peppers, clock), clientcredentials.New(), refreshtoken.New(p.RefreshFinder, peppers, clock, token.Rules{}),
	})
	if err != nil {
		return nil, nil, err
	}
	return &App{
		Server:  server(func(ctx context.Context) error { return b.serve(ctx, c) }),
		Clients: clients.New(clients.Tools{Finder: p.ClientFinder, Book: p.ClientBook, Peppers: peppers, Clock: clock, Random: random}),
		Users: users.New(users.Tools{
			Finder: p.UserFinder, Book: p.UserBook, Hasher: hasher, Usernames: system.Usernames{}, Clock: clock, Random: random,
		}),
		Keys: ks, Install: install.New(b.schema, ks), Ready: ready.New(p.Health, b.schema, ks, clock),
		Revoke: revoke.New(revoke.Tools{Tokens: tokens, Ledger: p.Ledger, Access: p.AccessBook, Clock: clock}),
		Tokens: tokens, Schema: b.schema, Random: random, Catalog: c.Core.catalog(), Exchange: served,
	}, func() { b.closed++ }, nil
}

type server func(context.Context) error

func (s server) Run(ctx context.Context) error { return s(ctx) }

// maker makes keys without private halves.
type maker struct{ random ports.Random }

func (m maker) Generate(_ context.Context, a key.Algorithm) (key.Key, error) {
	return key.Key{ID: key.ID(m.random.UUID()), Algorithm: a, Public: ed25519.PublicKey(m.random.Bytes(32))}, nil
}
func (maker) Holds(context.Context, key.ID) (bool, error) { return true, nil }
func (maker) Reload(context.Context) error                { return nil }

// none verifies nothing.
type none struct{}

func (none) Verify(context.Context, secret.Value) (token.Claims, error) {
	return token.Claims{}, ports.ErrNotFound
}

// schema counts how many of its migrations are applied.
type schema struct {
	mu      sync.Mutex
	names   []string
	applied int
	newer   bool
}

func (s *schema) Up(context.Context) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	missing := s.names[s.applied:]
	s.applied = len(s.names)
	return missing, nil
}

func (s *schema) Down(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.applied == 0 {
		return "", nil
	}
	s.applied--
	return s.names[s.applied], nil
}

func (s *schema) Status(context.Context) ([]ports.Migration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]ports.Migration, len(s.names))
	for i, n := range s.names {
		all[i].Name = n
		if i < s.applied {
			all[i].AppliedAt = time.Unix(1, 0)
		}
	}
	if s.newer {
		all = append(all, ports.Migration{Name: "9999_later", AppliedAt: time.Unix(2, 0), Unknown: true})
	}
	return all, nil
}

// result is what a command left behind.
type result struct {
	code     int
	out, err string
}

// run runs one command line.
func (b *bench) run(t *testing.T, args ...string) result {
	t.Helper()
	return b.runIn(t, t.Context(), args...)
}

func (b *bench) runIn(t *testing.T, ctx context.Context, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	w := world{program: "passport", again: "passport", args: args, env: b.env, in: strings.NewReader(b.stdin), out: &out, err: &errs}
	if b.terminal {
		left := b.answers
		w.hidden = func(context.Context) (string, error) {
			if len(left) == 0 {
				return "", errors.New("nobody answers")
			}
			answer := left[0]
			left = left[1:]
			return answer, nil
		}
	}
	code := run(ctx, w, loader(config{}, b.build), nil)
	return result{code, out.String(), errs.String()}
}

// want runs a command line that must end with a code.
func (b *bench) want(t *testing.T, code int, args ...string) result {
	t.Helper()
	r := b.run(t, args...)
	if r.code != code {
		t.Fatalf("%v: got exit %d; want %d\nstdout: %s\nstderr: %s", args, r.code, code, r.out, r.err)
	}
	return r
}

// jsonOf reads what a command wrote.
func jsonOf[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("got %q; want JSON: %v", text, err)
	}
	return v
}

func contains(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("got %q; want %q in it", text, w)
		}
	}
}

func lacks(t *testing.T, text string, unwanted ...string) {
	t.Helper()
	for _, u := range unwanted {
		if strings.Contains(text, u) {
			t.Errorf("got %q; want no %q in it", text, u)
		}
	}
}
