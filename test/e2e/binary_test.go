package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/pgtest"
)

// binary builds the standard server once, as its users do.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "passport-e2e")
	if err != nil {
		return "", err
	}
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
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

type devFile struct {
	Issuer string
	User   struct{ Username, Password string }
	Client map[string]struct {
		ID           string   `json:"client_id"`
		Secret       string   `json:"client_secret"`
		RedirectURIs []string `json:"redirect_uris"`
		Scopes       []string
	} `json:"clients"`
}

func TestDevGivesTokensAndKeepsItsData(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), freeAddr(t)
	first, stop := dev(t, addr, dir)
	tok := machineToken(t, first)
	codeFlow(t, first)
	stop()
	second, _ := dev(t, addr, dir)
	if a, b := mustJSON(t, first), mustJSON(t, second); a != b {
		t.Errorf("got %s after a restart; want what was there: %s", b, a)
	}
	if tok == machineToken(t, second) {
		t.Error("got the same token twice")
	}
}

// dev starts the development server and returns what it says of itself.
func dev(t *testing.T, addr, dir string) (d devFile, stop func()) {
	t.Helper()
	file := filepath.Join(dir, "dev.json")
	p := start(t, nil, "dev", "--addr", addr, "--data", dir)
	t.Cleanup(p.stop)
	await(t, func() bool {
		res, err := http.Get("http://" + addr + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		_, err = os.Stat(file)
		return res.StatusCode == http.StatusOK && err == nil
	}, p)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("got %v, %v; want a file of mode 0600", info, err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	return d, p.stop
}

func machineToken(t *testing.T, d devFile) string {
	t.Helper()
	m := d.Client["demo-machine"]
	cfg := clientcredentials.Config{ClientID: m.ID, ClientSecret: m.Secret, TokenURL: d.Issuer + "/oauth/token", Scopes: m.Scopes[:1]}
	tok, err := cfg.Token(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	return tok.AccessToken
}

// codeFlow is a person with the demo account and the demo app.
func codeFlow(t *testing.T, d devFile) {
	t.Helper()
	native := d.Client["demo-native"]
	cfg := &oauth2.Config{
		ClientID: native.ID, RedirectURL: strings.Replace(native.RedirectURIs[0], "127.0.0.1", "127.0.0.1:51111", 1), Scopes: native.Scopes,
		Endpoint: oauth2.Endpoint{AuthURL: d.Issuer + "/oauth/authorize", TokenURL: d.Issuer + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams},
	}
	verifier := oauth2.GenerateVerifier()
	walk := passporttest.BrowserAt(t, d.Issuer).Visit(cfg.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier)))
	code := walk.Login(d.User.Username, d.User.Password).Approve().Code()
	tok, err := cfg.Exchange(context.WithoutCancel(t.Context()), code, oauth2.VerifierOption(verifier))
	if err != nil || tok.RefreshToken == "" {
		t.Fatalf("got %+v, %v; want tokens", tok, err)
	}
}

func TestServeOnPostgreSQL(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), freeAddr(t)
	env := []string{
		"PASSPORT_ISSUER=http://" + addr, "PASSPORT_ADDR=" + addr, "PASSPORT_DATABASE_URL=" + pgtest.URL(t, nil),
		"PASSPORT_APP_KEY=b7Ye23ec29Kf22b0b4e41dQ31e868d572", "PASSPORT_KEYS_DIR=" + filepath.Join(dir, "keys"),
		"PASSPORT_SCOPES=orders:read=See your orders",
	}
	if p := start(t, env, "serve"); p.wait() != 8 || !strings.Contains(p.err.String(), "migrate up") {
		t.Errorf("serve on an empty database: got exit %d and %s; want 8 and the command to run", p.wait(), p.err.String())
	}
	if p := start(t, env, "install"); p.wait() != 0 {
		t.Fatalf("install: %s", p.err.String())
	}
	p := start(t, env, "client", "create", "--kind", "machine", "--name", "bench", "--output", "json")
	if p.wait() != 0 {
		t.Fatalf("client create: %s", p.err.String())
	}
	var made struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if err := json.Unmarshal(p.out.Bytes(), &made); err != nil {
		t.Fatalf("%v in %s", err, p.out.String())
	}
	serve := start(t, env, "serve")
	t.Cleanup(serve.stop)
	await(t, func() bool {
		res, err := http.Get("http://" + addr + "/readyz")
		if err == nil {
			_ = res.Body.Close()
		}
		return err == nil && res.StatusCode == http.StatusOK
	}, serve)
	cfg := clientcredentials.Config{ClientID: made.ID, ClientSecret: made.Secret, TokenURL: "http://" + addr + "/oauth/token", Scopes: []string{"orders:read"}}
	if _, err := cfg.Token(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	serve.stop()
	if code := serve.wait(); code != 0 && code != 130 {
		t.Errorf("got exit %d after an interrupt; want a graceful end: %s", code, serve.err.String())
	}
}

// process is a run of the binary.
type process struct {
	cmd      *exec.Cmd
	out, err bytes.Buffer
	done     func() int
}

func start(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	p := &process{cmd: exec.Command(path, args...)}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = t.TempDir(), &p.out, &p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.done = sync.OnceValue(func() int { _ = p.cmd.Wait(); return p.cmd.ProcessState.ExitCode() })
	return p
}

func (p *process) wait() int { return p.done() }

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGINT)
	_ = p.done()
}

func await(t *testing.T, ready func() bool, p *process) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ready() {
			return
		}
	}
	p.stop()
	t.Fatalf("not ready within 30 s: %s", p.err.String())
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
