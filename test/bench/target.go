package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// target is a server under load.
type target struct {
	cmd     *exec.Cmd
	dir     string
	env     []string
	base    string
	machine party
	old     party // uses the password grant
	started time.Duration
}

// party is a client and its secret.
type party struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

// startServer installs and starts a server; settings are added to its environment.
func startServer(ctx context.Context, dir string, e engine, settings ...string) (*target, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	env := append(os.Environ(), "PASSPORT_ISSUER=http://"+addr, "PASSPORT_ADDR="+addr, "PASSPORT_DATABASE_URL="+e.server,
		"PASSPORT_KEYS_DIR="+filepath.Join(dir, e.name+"-keys"), "PASSPORT_APP_KEY=b7Ye23ec29Kf22b0b4e41dQ31e868d572",
		"PASSPORT_SCOPES=orders:read=See your orders", "PASSPORT_LOG_LEVEL=warn")
	t := &target{dir: dir, env: append(env, settings...), base: "http://" + addr, cmd: command(filepath.Join(dir, "passport"), "serve")}
	t.cmd.Env = t.env
	if _, err := t.passport(ctx, "install"); err != nil {
		return nil, err
	}
	if t.machine, err = t.client(ctx, "machine"); err != nil {
		return nil, err
	}
	if t.old, err = t.client(ctx, "password"); err != nil {
		return nil, err
	}
	return t, t.start(ctx)
}

func (t *target) client(ctx context.Context, kind string) (party, error) {
	out, err := t.passport(ctx, "client", "create", "--kind", kind, "--name", "bench", "--output", "json")
	if err != nil {
		return party{}, err
	}
	var p party
	return p, json.Unmarshal(out, &p)
}

func startFloor(ctx context.Context, dir string, e engine) (*target, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	t := &target{base: "http://" + addr, machine: party{"bench", "secret"}}
	t.cmd = command(filepath.Join(dir, "floor"), "-addr", addr, "-database", e.floor)
	return t, t.start(ctx)
}

// command runs a program, on core 0 if servers are pinned.
func command(name string, args ...string) *exec.Cmd {
	if *pin {
		return exec.Command("taskset", append([]string{"-c", "0", name}, args...)...)
	}
	return exec.Command(name, args...)
}

// pinSelf moves the load to core 1.
func pinSelf() {
	if *pin {
		_ = exec.Command("taskset", "-a", "-p", "-c", "1", strconv.Itoa(os.Getpid())).Run()
	}
}

// start runs the program and waits for its first 200.
func (t *target) start(ctx context.Context) error {
	var log bytes.Buffer
	t.cmd.Stderr = &log
	began := time.Now()
	if err := t.cmd.Start(); err != nil {
		return err
	}
	for time.Since(began) < 10*time.Second && ctx.Err() == nil {
		res, err := http.Get(t.base + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				t.started = time.Since(began)
				return nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.stop()
	return errors.New("no answer within 10 s: " + log.String())
}

func (t *target) stop() {
	_ = t.cmd.Process.Kill()
	_ = t.cmd.Wait()
}

// request is one token request by client credentials.
func (t *target) request(ctx context.Context) (*http.Request, error) {
	return t.form(ctx, t.machine, url.Values{"grant_type": {"client_credentials"}, "scope": {"orders:read"}})
}

// form is a token request of a client.
func (t *target) form(ctx context.Context, by party, form url.Values) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.base+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(by.ID, url.QueryEscape(by.Secret))
	return r, nil
}

// memory is the resident set in bytes; 0 where the system does not tell.
func (t *target) memory() int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", t.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.ParseInt(strings.Fields(kb)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}
