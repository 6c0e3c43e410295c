package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// target is a server under load, as a process.
type target struct {
	program  string
	args     []string
	env      []string
	addr     string
	log      string // where what it says goes
	pinned   bool
	cmd      *exec.Cmd
	started  time.Duration // from its start to its first answer
	passport string        // the program, for commands
}

// bench is a run: what was asked for, and the programs that were built for it.
type bench struct {
	options
	dir string
}

// build makes the server and the floor as their users would.
func (b *bench) build(ctx context.Context) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/gopassport/passport").Output()
	if err != nil {
		return fmt.Errorf("find the module: %w", err)
	}
	for _, name := range []string{"./bootstrap/cmd/passport", "./test/bench/floor"} {
		build := exec.CommandContext(ctx, "go", "build", "-o", b.dir, name)
		build.Dir, build.Env, build.Stderr = strings.TrimSpace(string(root)), append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build %s: %w", name, err)
		}
	}
	return nil
}

// installed is a server over an empty database, ready to start; settings are added to its environment.
func (b *bench) installed(ctx context.Context, name, database string, settings ...string) (*target, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	t := &target{
		program: filepath.Join(b.dir, "passport"), passport: filepath.Join(b.dir, "passport"), args: []string{"serve"}, addr: addr,
		log: filepath.Join(b.dir, name+".log"), pinned: b.pinned,
	}
	t.env = append(os.Environ(), "PASSPORT_ISSUER=http://"+addr, "PASSPORT_ADDR="+addr, "PASSPORT_DATABASE_URL="+database,
		"PASSPORT_KEYS_DIR="+filepath.Join(b.dir, name+"-keys"), "PASSPORT_APP_KEY=b7Ye23ec29Kf22b0b4e41dQ31e868d572",
		"PASSPORT_SCOPES="+scope+"=See your orders", "PASSPORT_TRUSTED_PROXIES=127.0.0.0/8",
		"PASSPORT_CODE_LIFE=10m", "PASSPORT_DEVICE_CODE_LIFE=1h", "PASSPORT_DEVICE_INTERVAL="+interval.String())
	t.env = append(t.env, settings...)
	_, err = t.command(ctx, "install")
	return t, err
}

// command runs a command against the server's database. Whoever asks for a password is given it.
func (t *target) command(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, t.passport, args...)
	var said bytes.Buffer
	cmd.Env, cmd.Stderr, cmd.Stdin = t.env, &said, strings.NewReader(password+"\n")
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("passport %s: %w: %s", strings.Join(args, " "), err, &said)
	}
	return out, nil
}

// client registers one.
func (t *target) client(ctx context.Context, flags ...string) (party, error) {
	out, err := t.command(ctx, append([]string{"client", "create", "--name", "bench", "--output", "json"}, flags...)...)
	if err != nil {
		return party{}, err
	}
	var p party
	return p, json.Unmarshal(out, &p)
}

// start runs the program and waits for its first 200.
func (t *target) start(ctx context.Context) error {
	log, err := os.OpenFile(t.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the process has its own
	t.cmd = onCore(serverCore, t.pinned, t.program, t.args...)
	t.cmd.Env, t.cmd.Stdout, t.cmd.Stderr = t.env, log, log
	began := time.Now()
	if err := t.cmd.Start(); err != nil {
		return err
	}
	for time.Since(began) < 10*time.Second && ctx.Err() == nil {
		res, err := http.Get("http://" + t.addr + "/readyz")
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
	said, _ := os.ReadFile(t.log)
	return errors.New("no answer within 10 s: " + string(said))
}

func (t *target) stop() {
	_ = t.cmd.Process.Kill()
	_ = t.cmd.Wait()
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
