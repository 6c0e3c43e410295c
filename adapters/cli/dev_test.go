package cli

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/user"
)

// devBench runs dev until its ready file is there, and then ends it as Ctrl-C would.
type devBench struct {
	*bench
	dir string
}

func newDevBench(t *testing.T) devBench {
	b := newBench()
	b.env = nil
	b.schema.applied = 0
	return devBench{b, filepath.Join(t.TempDir(), "data")}
}

func (d devBench) start(t *testing.T, args ...string) (result, devState) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	d.serve = func(ctx context.Context, c config) error { return d.listen(ctx, c, stop) }
	args = append([]string{"dev", "--data", d.dir}, args...)
	if !slices.Contains(args, "--addr") && len(d.env) == 0 || len(args) == 3 {
		args = append(args, "--addr", "127.0.0.1:0")
	}
	r := d.runIn(t, ctx, args...)
	text, err := os.ReadFile(filepath.Join(d.dir, readyFile))
	if r.code != exitOK || err != nil {
		t.Fatalf("got exit %d, %v\nstdout: %s\nstderr: %s", r.code, err, r.out, r.err)
	}
	return r, jsonOf[devState](t, string(text))
}

// listen answers as a server does, until the ready file is there.
func (d devBench) listen(ctx context.Context, c config, stop func()) error {
	l, err := net.Listen("tcp", c.Core.Addr)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /.well-known/oauth-authorization-server", func(w http.ResponseWriter, _ *http.Request) {
		if _, err := os.Stat(filepath.Join(d.dir, readyFile)); err == nil {
			http.Error(w, "announced before it was ready", http.StatusConflict)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{
			"authorization_endpoint": c.Core.Issuer + "/oauth/authorize", "token_endpoint": c.Core.Issuer + "/oauth/token",
			"device_authorization_endpoint": c.Core.Issuer + "/oauth/device/code",
		})
	})
	s := &http.Server{Handler: mux}
	go func() { _ = s.Serve(l) }()
	go d.stopWhenReady(ctx, stop)
	<-ctx.Done()
	return s.Close()
}

func (d devBench) stopWhenReady(ctx context.Context, stop func()) {
	for ctx.Err() == nil {
		if _, err := os.Stat(filepath.Join(d.dir, readyFile)); err == nil {
			stop()
			return
		}
	}
}

func TestDevMakesEverythingReadyOnce(t *testing.T) {
	t.Parallel()
	d := newDevBench(t)
	r, first := d.start(t)
	c := d.built[len(d.built)-1]
	if !strings.HasPrefix(first.Issuer, "http://127.0.0.1:") || first.Issuer != c.Core.Issuer || first.Issuer != "http://"+c.Core.Addr {
		t.Errorf("got issuer %q, configured %q at %q", first.Issuer, c.Core.Issuer, c.Core.Addr)
	}
	if c.Store.URL != "sqlite:"+filepath.Join(d.dir, "passport.db") || !c.Store.Migrate || c.Keys.Dir != filepath.Join(d.dir, "keys") || len(c.Core.Scopes) != 3 {
		t.Errorf("got %+v", c)
	}
	if !strings.HasPrefix(c.Keys.AppKey.Reveal(), "base64:") {
		t.Error("got no app key in base64")
	}
	contains(t, r.out, first.User.Password, first.Clients[demoMachine].ID, first.Clients[demoMachine].Secret, first.Issuer+"/oauth/token")

	r, second := d.start(t)
	lacks(t, r.out+r.err, first.User.Password)
	if second.User != first.User || second.Clients[demoWeb].Secret != first.Clients[demoWeb].Secret || second.Clients[demoNative].ID != first.Clients[demoNative].ID {
		t.Errorf("got %+v; want what was there: %+v", second, first)
	}
	if all, err := d.store.Clients(t.Context(), "", 10); err != nil || len(all) != 6 {
		t.Errorf("got %d clients, %v; want four for demonstration and two of install", len(all), err)
	}
}

func TestDevFilesAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	d := newDevBench(t)
	d.start(t)
	for name, want := range map[string]os.FileMode{"": 0o700, "app.key": 0o600, readyFile: 0o600, seedFile: 0o600} {
		if info, err := os.Stat(filepath.Join(d.dir, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: got %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(d.dir, ".tmp-*")); len(left) > 0 {
		t.Errorf("got %v left behind", left)
	}
}

func TestDevPrintsLinesThatWork(t *testing.T) {
	t.Parallel()
	d := newDevBench(t)
	r, state := d.start(t)
	native := state.Clients[demoNative]
	u, err := url.Parse(regexp.MustCompile(`http://\S+/oauth/authorize\S+`).FindString(r.out))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	verifier := regexp.MustCompile(`code_verifier=(\S+)`).FindStringSubmatch(r.out)
	if q.Get("client_id") != native.ID || q.Get("redirect_uri") != native.RedirectURIs[0] || q.Get("code_challenge_method") != "S256" ||
		q.Get("scope") != "orders:read orders:write profile" || len(verifier) != 2 || len(verifier[1]) != 43 || len(q.Get("code_challenge")) != 43 {
		t.Errorf("got %v with verifier %v", q, verifier)
	}
	if state := q.Get("state"); len(state) != 8 || strings.HasPrefix(verifier[1], state) {
		t.Errorf("got state %q; want one that tells nothing of the verifier", state)
	}
	contains(t, r.out, "within a minute")
}

func TestDevPrintsTheLinesOfTheDeviceFlow(t *testing.T) {
	t.Parallel()
	d := newDevBench(t)
	r, state := d.start(t)
	device := state.Clients[demoDevice]
	contains(t, r.out,
		"-d client_id="+device.ID+" -d scope=orders:read "+state.Issuer+"/oauth/device/code",
		"-d grant_type=urn:ietf:params:oauth:grant-type:device_code -d client_id="+device.ID+" "+state.Issuer+"/oauth/token -d device_code=CODE")
	if device.Secret != "" {
		t.Error("got a secret; want a public client")
	}
}

func TestDevRemembersTheClientsOfInstall(t *testing.T) {
	t.Parallel()
	d := newDevBench(t)
	_, first := d.start(t)
	if first.Clients["password"].Secret == "" || first.Clients["personal_access"].ID == "" || first.Clients["personal_access"].Secret != "" {
		t.Errorf("got %+v", first.Clients)
	}
	_, second := d.start(t)
	if second.Clients["password"].Secret != first.Clients["password"].Secret || second.Clients["personal_access"].ID != first.Clients["personal_access"].ID {
		t.Errorf("got %+v; want what was there: %+v", second.Clients, first.Clients)
	}
	file := filepath.Join(d.dir, configFile)
	contains(t, d.want(t, exitOK, "token", "create", "-c", file, "--user", demoUser, "--name", "laptop").out, "signed.")
}

func TestDevRepairsWhatIsMissingOnEitherSide(t *testing.T) {
	t.Parallel()
	t.Run("the database is gone", func(t *testing.T) {
		d := newDevBench(t)
		_, first := d.start(t)
		d.store = memory.New(system.Clock{})
		r, second := d.start(t)
		contains(t, r.err, "demo-web is not in the database any more")
		if second.Clients[demoWeb].ID == first.Clients[demoWeb].ID || second.User.Password == first.User.Password {
			t.Errorf("got %+v; want new accounts", second)
		}
		contains(t, r.out, second.User.Password)
	})
	t.Run("the memory is gone", func(t *testing.T) {
		d := newDevBench(t)
		_, first := d.start(t)
		if err := os.Remove(filepath.Join(d.dir, seedFile)); err != nil {
			t.Fatal(err)
		}
		r, second := d.start(t)
		if second.Clients[demoWeb].ID == first.Clients[demoWeb].ID || second.User.Password == first.User.Password {
			t.Errorf("got %+v; want accounts whose secrets are known", second)
		}
		contains(t, r.out, second.User.Password)
	})
	t.Run("the memory is gone and the database is not its own", func(t *testing.T) {
		d := newDevBench(t)
		d.env = []string{"PASSPORT_DATABASE_URL=postgres://localhost/shared"}
		_, first := d.start(t)
		before := hashOf(t, d.bench)
		if err := os.Remove(filepath.Join(d.dir, seedFile)); err != nil {
			t.Fatal(err)
		}
		r, second := d.start(t)
		contains(t, r.err, "passport user set-password ada@example.test")
		if hashOf(t, d.bench) != before || second.User.Password != "" || first.User.Password == "" {
			t.Errorf("got another password; want that of somebody else's user untouched")
		}
	})
	t.Run("the memory is broken", func(t *testing.T) {
		d := newDevBench(t)
		d.start(t)
		if err := os.WriteFile(filepath.Join(d.dir, seedFile), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		contains(t, d.want(t, exitFailed, "dev", "--data", d.dir, "--addr", "127.0.0.1:0").err, "delete it")
	})
}

func hashOf(t *testing.T, b *bench) string {
	t.Helper()
	u, err := b.store.FindUsername(t.Context(), "", demoUser)
	if err != nil {
		t.Fatal(err)
	}
	return user.User(u).PasswordHash
}

func TestDevKeepsWhatWasChangedInADemoClient(t *testing.T) {
	t.Parallel()
	d := newDevBench(t)
	_, first := d.start(t)
	c, err := d.store.FindClient(t.Context(), client.ID(first.Clients[demoWeb].ID))
	if err != nil {
		t.Fatal(err)
	}
	was := c.UpdatedAt
	c.RedirectURIs = []string{"http://localhost:5173/callback"}
	if err := d.store.UpdateClient(t.Context(), c, was); err != nil {
		t.Fatal(err)
	}
	_, second := d.start(t)
	if got := second.Clients[demoWeb].RedirectURIs; len(got) != 1 || got[0] != c.RedirectURIs[0] {
		t.Errorf("got %v; want %v", got, c.RedirectURIs)
	}
}

// T04: nobody but this machine reaches a development server, wherever its address was set.
func TestDevListensOnThisMachineOnly(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:8080", ":8080", "[::]:8080", "192.0.2.1:8080", "example.com:80", "8080", ""} {
		d := newDevBench(t)
		r := d.run(t, "dev", "--data", d.dir, "--addr", addr)
		if addr != "" && r.code != exitUsage {
			t.Errorf("%q: got exit %d; want %d", addr, r.code, exitUsage)
		}
		if addr != "" {
			d.env = []string{"PASSPORT_ADDR=" + addr}
			d.want(t, exitUsage, "dev", "--data", d.dir)
		}
		if _, err := os.Stat(d.dir); addr != "" && !os.IsNotExist(err) {
			t.Errorf("%q: got %v; want nothing made", addr, err)
		}
	}
}

func TestDevLeavesTheDatabaseOfAnotherServerAlone(t *testing.T) {
	t.Parallel()
	d := newDevBench(t)
	d.env = []string{"PASSPORT_ISSUER=https://id.example.com", "PASSPORT_DATABASE_URL=postgres://db/production"}
	r := d.want(t, exitUsage, "dev", "--data", d.dir, "--addr", "127.0.0.1:0")
	contains(t, r.err, "PASSPORT_ISSUER", "https://id.example.com", "passport serve")
	if len(d.built) > 0 {
		t.Error("got an app built; want none, for building it may migrate")
	}
}

func TestDevSaysWhenItsAddressIsTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	d := newDevBench(t)
	contains(t, d.want(t, exitFailed, "dev", "--data", d.dir, "--addr", l.Addr().String()).err, "127.0.0.1:0 takes a free port")
}

func TestDevAnnouncesNothingWhenTheServerFails(t *testing.T) {
	t.Parallel()
	d := newDevBench(t)
	d.start(t)
	d.serve = func(context.Context, config) error { return errors.New("broke") }
	contains(t, d.want(t, exitFailed, "dev", "--data", d.dir, "--addr", "127.0.0.1:0").err, "broke")
	if _, err := os.Stat(filepath.Join(d.dir, readyFile)); !os.IsNotExist(err) {
		t.Errorf("got %v; want no ready file", err)
	}
}

func TestDevSettingsGiveWayToTheEnvironment(t *testing.T) {
	t.Parallel()
	d := newDevBench(t)
	d.env = []string{"PASSPORT_ADDR=127.0.0.1:0", "PASSPORT_SCOPES=files:read=See your files"}
	_, state := d.start(t, "--no-input")
	if got := state.Clients[demoMachine].Scopes; len(got) != 1 || got[0] != "files:read" {
		t.Errorf("got %v; want the scopes of the environment", got)
	}
}

func TestPasswordsAreNotPredictable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		p := password(system.Random{})
		if seen[p] || !regexp.MustCompile(`^([a-z2-9]{4}-){3}[a-z2-9]{4}$`).MatchString(p) {
			t.Fatalf("got %q", p)
		}
		seen[p] = true
	}
}

func TestOtherCommandsCanWorkOnTheDataOfDev(t *testing.T) {
	t.Parallel()
	d := newDevBench(t)
	r, state := d.start(t)
	file := filepath.Join(d.dir, configFile)
	contains(t, r.out, "passport client create -c "+file)
	listed := d.want(t, exitOK, "client", "list", "-c", file, "-o", "json")
	if all := jsonOf[[]clientJSON](t, listed.out); len(all) != 6 {
		t.Errorf("got %d clients; want 6", len(all))
	}
	last := d.built[len(d.built)-1]
	if !slices.Equal(last.Core.Scopes, d.built[0].Core.Scopes) || len(last.Core.Scopes) != 3 {
		t.Errorf("got scopes %v; want those of the server: %v", last.Core.Scopes, d.built[0].Core.Scopes)
	}
	if last.Core.Issuer != state.Issuer || last.Keys.AppKey.Reveal() != d.built[0].Keys.AppKey.Reveal() || last.Store.URL != d.built[0].Store.URL {
		t.Errorf("got other settings than those of the server")
	}
	if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), "base64:") {
		t.Errorf("got %v; want a file without the key itself", err)
	}
}

func TestDevNamesACommandThatIsThere(t *testing.T) {
	t.Parallel()
	const ours = modulePath + "/bootstrap/cmd/passport"
	for _, tt := range []struct{ executable, path, module, want string }{
		{"/usr/local/bin/passport", ours, modulePath, "passport"},
		{"/tmp/go-build123/b001/exe/passport", ours, modulePath, "go run ./bootstrap/cmd/passport"},
		{"/tmp/go-build123/b001/exe/passport", "example.com/acme", "example.com/acme", "go run ./"},
		{"/tmp/go-build123/b001/exe/passport", "command-line-arguments", modulePath, "passport"},
	} {
		info := &debug.BuildInfo{Path: tt.path, Main: debug.Module{Path: tt.module}}
		if got := runAgain("passport", tt.executable, info); got != tt.want {
			t.Errorf("%s of %s: got %q; want %q", tt.executable, tt.path, got, tt.want)
		}
	}
	if got := runAgain("passport", "/tmp/go-build123/b001/exe/passport", nil); got != "passport" {
		t.Errorf("got %q where nothing is known of the build; want the name", got)
	}
}

func TestDevCanAnnounceInJSON(t *testing.T) {
	t.Parallel()
	r, state := newDevBench(t).start(t, "--addr", "127.0.0.1:0", "-o", "json")
	if got := jsonOf[devState](t, r.out); got.Clients[demoWeb].ID != state.Clients[demoWeb].ID {
		t.Errorf("got %+v; want %+v", got, state)
	}
}
