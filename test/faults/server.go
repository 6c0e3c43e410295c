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
	"strings"
	"sync"
	"syscall"
	"time"
)

// programs are the server as its users build it, and the same with hooks that the harness lays over it.
type programs struct{ plain, hooked string }

func buildPrograms(ctx context.Context, dir string) (programs, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/gopassport/passport").Output()
	if err != nil {
		return programs{}, fmt.Errorf("find the module: %w", err)
	}
	at := strings.TrimSpace(string(root))
	overlay := filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(at, "bootstrap/cmd/passport/hooks.go"): filepath.Join(at, "test/faults/testdata/hooks.go"),
	}})
	if err != nil {
		return programs{}, err
	}
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return programs{}, err
	}
	p := programs{filepath.Join(dir, "passport"), filepath.Join(dir, "passport-hooked")}
	return p, errors.Join(build(ctx, at, "-o", p.plain), build(ctx, at, "-overlay", overlay, "-o", p.hooked))
}

func build(ctx context.Context, root string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append(append([]string{"build"}, args...), "./bootstrap/cmd/passport")...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the server: %w: %s", err, out)
	}
	return nil
}

// server is a process that serves, or did.
type server struct {
	program string
	addr    string
	env     []string
	log     *os.File

	mu      sync.Mutex
	cmd     *exec.Cmd
	gone    chan struct{}
	started time.Time
}

func (s *server) base() string { return "http://" + s.addr }

// start runs the process and does not wait until it serves.
func (s *server) start(extra ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd = exec.Command(s.program, "serve", "--addr", s.addr)
	s.cmd.Env = append(append([]string{}, s.env...), extra...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.started = time.Now()
	if err := s.cmd.Start(); err != nil {
		return err
	}
	gone, cmd := make(chan struct{}), s.cmd
	s.gone = gone
	go func() {
		_ = cmd.Wait()
		close(gone)
	}()
	return nil
}

// kill ends the process as a power switch would. It may be called from anywhere and waits for nothing.
func (s *server) kill() { s.signal(syscall.SIGKILL) }

func (s *server) signal(sig os.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(sig)
	}
}

// wait returns the exit code once the process is gone; -1 if a signal ended it.
func (s *server) wait(within time.Duration) (int, error) {
	s.mu.Lock()
	gone, cmd := s.gone, s.cmd
	s.mu.Unlock()
	if gone == nil {
		return 0, nil
	}
	select {
	case <-gone:
		return cmd.ProcessState.ExitCode(), nil
	case <-time.After(within):
		return 0, fmt.Errorf("the server is still there after %s", within)
	}
}

// running reports whether the process is there.
func (s *server) running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.gone:
		return false
	default:
		return s.cmd != nil
	}
}

// ready waits until the server says that it is.
func (s *server) ready(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		if status, _ := probe(ctx, s.base()+"/readyz"); status == http.StatusOK {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w: %s", s.addr, ctx.Err(), s.lastWords())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// lastWords are the end of the server's log.
func (s *server) lastWords() string {
	b, _ := os.ReadFile(s.log.Name())
	return string(b[max(0, len(b)-600):])
}

// panicked reports whether the log tells of a panic, in a handler or of the process.
func (s *server) panicked() bool {
	b, _ := os.ReadFile(s.log.Name())
	return bytes.Contains(b, []byte(`"panic"`)) || bytes.Contains(b, []byte("goroutine "))
}

// files counts what the process has open: I7, nothing piles up.
func (s *server) files() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	return len(all)
}

var prober = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func probe(ctx context.Context, url string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	res, err := prober.Do(r)
	if err != nil {
		return 0, err
	}
	_ = res.Body.Close()
	return res.StatusCode, nil
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}
