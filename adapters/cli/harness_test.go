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

	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/application/housekeeping"
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
	Metrics   string      `koanf:"metrics_addr"`
	Algorithm string      `koanf:"signing_algorithm"`
	Scopes    []scopeLine `koanf:"scopes"`
	Providers []string    `koanf:"user_providers"`
	Product   string      `koanf:"product"`
	Grants    switches    `koanf:"grants"`

	PurgeAfter *time.Duration `koanf:"purge_after"`
}

type switches struct {
	Password bool `koanf:"password"`
	Implicit bool `koanf:"implicit"`
}

type scopeLine struct {
	Name        string `koanf:"name"`
	Description string `koanf:"description"`
}

func (c coreConfig) catalog() scope.Catalog {
	var all scope.Catalog
	for _, one := range c.Scopes {
		all.Scopes = append(all.Scopes, scope.Definition{Name: one.Name, Description: one.Description})
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
	storage  func(context.Context) (ports.Storage, func(), error)
	house    housekeeping.Config
	seen     []token.Access // personal access tokens that a server has seen and not written down
	log      bytes.Buffer

	env      []string
	stdin    string
	answers  []string // of a person at a terminal, without echo
	terminal bool
}

func newBench() *bench {
	b := &bench{
		store: memory.New(system.Clock{}), schema: &schema{names: []string{"0001_first"}, applied: 1},
		env:   []string{"PASSPORT_ISSUER=http://127.0.0.1:8080", "PASSPORT_APP_KEY=" + strings.Repeat("k", 31) + "!"},
		serve: func(context.Context, config) error { return nil },
	}
	b.storage = b.inMemory
	return b
}

// inMemory is the storage that outlives the commands, under the schema of the bench.
func (b *bench) inMemory(context.Context) (ports.Storage, func(), error) {
	p := ports.Storage(memory.Ports(b.store))
	p.Migrator = b.schema
	return p, func() {}, nil
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
