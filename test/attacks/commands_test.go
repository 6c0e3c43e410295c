package attacks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/test/pgtest"
)

// program builds the standard server once, for those tests that need it.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "passport-attacks")
	if err != nil {
		return "", err
	}
	built = dir
	path := filepath.Join(dir, "passport")
	cmd := exec.Command("go", "build", "-o", path, "github.com/gopassport/passport/bootstrap/cmd/passport")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

var built string // the folder of the program; empty while nobody needed it

const appKey = "b7Ye23ec29Kf22b0b4e41dQ31e868d572"

// terminal is where commands are typed.
type terminal struct {
	dir string
	env []string
}

func openTerminal(t *testing.T, database string) terminal {
	t.Helper()
	dir := t.TempDir()
	return terminal{dir, []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "PASSPORT_ISSUER=https://id.example.com", "PASSPORT_DATABASE_URL=" + database,
		"PASSPORT_APP_KEY=" + appKey, "PASSPORT_KEYS_DIR=" + filepath.Join(dir, "keys"), "PASSPORT_NO_INPUT=1",
	}}
}

// with is the same terminal under other settings.
func (c terminal) with(env ...string) terminal {
	return terminal{c.dir, slices.Concat(c.env, env)}
}

// typed is what a command came to.
type typed struct {
	exit      int
	out, said string
}

func (c terminal) run(t testing.TB, args ...string) typed {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	var out, said bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, &out, &said
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatalf("%v: %v", args, err)
	}
	return typed{cmd.ProcessState.ExitCode(), out.String(), said.String()}
}

// must runs a command that is to succeed.
func (c terminal) must(t testing.TB, args ...string) typed {
	t.Helper()
	r := c.run(t, args...)
	if r.exit != 0 {
		t.Fatalf("%v: got exit %d: %s", args, r.exit, r.said)
	}
	return r
}

// says runs a command that is to fail, and returns all that it wrote.
func (c terminal) says(t testing.TB, exit int, wants string, args ...string) string {
	t.Helper()
	r := c.run(t, args...)
	if r.exit != exit || !strings.Contains(r.said, wants) {
		t.Errorf("%v: got exit %d: %s; want %d and %q", args, r.exit, r.said, exit, wants)
	}
	return r.out + r.said
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "passport.db") },
		"postgres": func(t *testing.T) string { return pgtest.URL(t, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := openTerminal(t, at(t))
			t.Run("S06 many make the first key at once, and no key is made over another", func(t *testing.T) { firstKey(t, c) })
			t.Run("S02 a secret among the arguments", func(t *testing.T) { secretArguments(t, c) })
			t.Run("S05 a redirect URI that runs, from the command line", func(t *testing.T) { hostileRegistration(t, c) })
			t.Run("S04 a schema of another release", func(t *testing.T) { otherSchema(t, c, name == "sqlite") })
		})
	}
}

type keyLine struct{ Kid, State string }

func (c terminal) keys(t *testing.T) []keyLine {
	t.Helper()
	var all []keyLine
	if err := json.Unmarshal([]byte(c.must(t, "key", "list", "-o", "json").out), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func active(all []keyLine) (n int) {
	for _, k := range all {
		if k.State == "active" {
			n++
		}
	}
	return n
}

// firstKey: of those who install at once all succeed and find one key, or say that somebody was faster.
func firstKey(t *testing.T, c terminal) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if r := c.run(t, "install"); r.exit != 0 && r.exit != 5 {
				t.Errorf("install: got exit %d: %s; want 0, or 5 where somebody was faster", r.exit, r.said)
			}
		})
	}
	wg.Wait()
	if all := c.keys(t); active(all) != 1 {
		t.Fatalf("got %+v; want one active key", all)
	}
	before := c.keyFiles(t)
	c.must(t, "key", "generate")
	for range 3 {
		wg.Go(func() { c.run(t, "key", "rotate", "--now") })
	}
	wg.Wait()
	after := c.keyFiles(t)
	for path, was := range before {
		if after[path] != was {
			t.Errorf("%s: got another file; want what was there", path)
		}
	}
	if all := c.keys(t); active(all) != 1 || len(after) <= len(before) {
		t.Errorf("got %+v in %d files; want one active key, and a file for each", all, len(after))
	}
}

// keyFiles reads the private halves. Each is its owner's alone.
func (c terminal) keyFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	all, err := os.ReadDir(filepath.Join(c.dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		path := filepath.Join(c.dir, "keys", f.Name())
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 || !strings.HasSuffix(path, ".pem") {
			t.Errorf("%s: got %v, %v; want a key file of mode 0600 and nothing half made", path, info, err)
		}
		files[path] = string(b)
	}
	return files
}

func secretArguments(t *testing.T, c terminal) {
	const secret = "hunter2hunter2"
	for _, args := range [][]string{
		{"user", "create", "ada", "--password", secret},
		{"user", "set-password", "ada", secret},
		{"client", "create", "--kind", "machine", "--name", "x", "--secret", secret},
		{"token", "inspect", secret},
		{"serve", "--app-key", secret},
		{"serve", "--app-key=" + secret},
	} {
		if all := c.says(t, 2, "", args...); strings.Contains(all, secret) {
			t.Errorf("%v: got %q; want no secret said again", args[:2], all)
		}
	}
	if users := c.must(t, "user", "list", "-o", "json").out; strings.Contains(users, "ada") {
		t.Errorf("got %s; want nobody made", users)
	}
}

// hostileRegistration: what is refused over HTTP is refused here, and nothing is kept of it.
func hostileRegistration(t *testing.T, c terminal) {
	for _, uri := range hostileURIs {
		c.says(t, 6, "redirect URI", "client", "create", "--kind", "web", "--name", "evil", "--redirect-uri", uri)
	}
	if all := c.must(t, "client", "list", "-o", "json").out; strings.Contains(all, "evil") {
		t.Errorf("got %s; want no client", all)
	}
}

// otherSchema: neither a newer nor an older one is worked on. SQLite's own is brought up to date by whoever opens it.
func otherSchema(t *testing.T, c terminal, embedded bool) {
	db := reader(t, c)
	if _, err := db.ExecContext(t.Context(), `INSERT INTO oauth_migrations (name, group_id, migrated_at) VALUES ('99991231235959', 9, CURRENT_TIMESTAMP)`); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"client", "list"}, {"key", "rotate"}, {"user", "list"}, {"serve"}} {
		c.says(t, 8, "newer", args...)
	}
	if _, err := db.ExecContext(t.Context(), `DELETE FROM oauth_migrations WHERE name = '99991231235959'`); err != nil {
		t.Fatal(err)
	}
	if embedded {
		c.must(t, "client", "list")
		return
	}
	c.must(t, "migrate", "down", "--yes")
	c.says(t, 8, "migrate up", "client", "list")
	c.says(t, 8, "migrate up", "serve")
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	c := openTerminal(t, "sqlite:passport.db")
	if r := c.run(t, "config", "validate"); r.exit != 0 {
		t.Fatalf("got exit %d: %s; want a configuration that is valid", r.exit, r.said)
	}
	t.Run("T01 an issuer that is none", func(t *testing.T) {
		for _, issuer := range []string{
			"http://id.example.com", "http://127.0.0.1.evil.example", "https://id.example.com?x=1", "https://id.example.com#f", "https://id.example.com/",
			"https://a:b@id.example.com", "id.example.com", "javascript:alert(1)", "https://", "//id.example.com",
		} {
			c.with("PASSPORT_ISSUER="+issuer).says(t, 6, "issuer", "config", "validate")
			c.with("PASSPORT_ISSUER="+issuer).says(t, 6, "issuer", "serve")
		}
		for _, issuer := range []string{"https://id.example.com", "https://id.example.com/tenant", "http://127.0.0.1:8080", "http://localhost:8080"} {
			c.with("PASSPORT_ISSUER="+issuer).must(t, "config", "validate")
		}
	})
	t.Run("T02 an app key that somebody can guess, or that is there twice", func(t *testing.T) {
		for _, key := range []string{
			"too-short-Qm5", strings.Repeat("a", 40), strings.Repeat("abcd1234", 5), "changeme-changeme-changeme-changeme", "0123456789:;<=>?@ABCDEFGHIJKLMNOP",
			"base64:AAAA", "base64:not base64 at all, is it, or is it not?",
		} {
			if all := c.with("PASSPORT_APP_KEY="+key).says(t, 6, "app_key", "serve"); strings.Contains(all, key) {
				t.Errorf("got %q; want nothing of the key", all)
			}
		}
		if all := c.with("PASSPORT_PREVIOUS_APP_KEYS="+appKey).says(t, 6, "listed twice", "serve"); strings.Contains(all, appKey) {
			t.Errorf("got %q; want nothing of the key", all)
		}
	})
	t.Run("T03 a setting that is misspelt", func(t *testing.T) {
		c.with("PASSPORT_REFRESH_GRASE=1s").says(t, 6, "PASSPORT_REFRESH_GRACE", "serve")
		path := filepath.Join(t.TempDir(), "passport.yaml")
		if err := os.WriteFile(path, []byte("pkce_requried: true\nrefresh_grase: 1s\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"pkce_requried", "refresh_grase"} {
			c.says(t, 6, name, "serve", "--config", path)
		}
	})
	t.Run("T04 a development server for everybody", func(t *testing.T) {
		for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:8080", "id.example.com:80"} {
			if r := c.run(t, "dev", "--addr", addr, "--data", filepath.Join(t.TempDir(), "data")); r.exit == 0 || !strings.Contains(r.said, "this machine") {
				t.Errorf("dev on %s: got exit %d: %s; want it refused", addr, r.exit, r.said)
			}
		}
		c.with("PASSPORT_DEBUG=true").says(t, 6, "PASSPORT_DEBUG", "serve") // there is no such mode
	})
	t.Run("T06 lives that are none", lives(c))
	t.Run("T08 secrets among the settings", func(t *testing.T) {
		hidden := c.with("PASSPORT_DATABASE_URL=postgres://passport:hunter2hunter2@db/passport", "PASSPORT_PREVIOUS_APP_KEYS=Zk3jW8sVq1xT9bLd0RfGhYtUaPoIeNcM")
		for _, args := range [][]string{{"config", "show"}, {"config", "show", "-o", "json"}, {"config", "validate"}} {
			r := hidden.must(t, args...)
			for _, secret := range []string{appKey, "hunter2", "Zk3jW8sVq1xT9bLd0RfGhYtUaPoIeNcM"} {
				if strings.Contains(r.out+r.said, secret) {
					t.Errorf("%v: got a secret in it", args)
				}
			}
		}
	})
}

// lives: negative ones, huge ones, and a code that lives for longer than RFC 6749, 4.1.2, allows.
func lives(c terminal) func(t *testing.T) {
	return func(t *testing.T) {
		for _, name := range []string{"ACCESS_TOKEN_LIFE", "CODE_LIFE", "REFRESH_IDLE", "REFRESH_LIFE", "SESSION_IDLE", "SESSION_LIFE", "REQUEST_LIFE"} {
			for _, life := range []string{"-1s", "1ms", "20000d", "9999999999h", "forever"} {
				c.with("PASSPORT_"+name+"="+life).says(t, 6, strings.ToLower(name), "config", "validate")
			}
		}
		c.with("PASSPORT_CODE_LIFE=11m").says(t, 6, "code_life", "config", "validate")
		for _, delay := range []string{"REQUEST_TIMEOUT", "SHUTDOWN_DELAY", "SHUTDOWN_TIMEOUT", "REFRESH_GRACE"} {
			c.with("PASSPORT_"+delay+"=-1s").says(t, 6, strings.ToLower(delay), "config", "validate")
		}
	}
}
