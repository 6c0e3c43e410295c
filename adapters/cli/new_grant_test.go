package cli

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// checkoutHere is this module's own folder.
func checkoutHere(t *testing.T) string {
	t.Helper()
	here, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return here
}

// TestNewGrantWritesAWholeProgram goes the way of a team, from an empty folder to a token by a grant of theirs, and to a second grant
// beside the first.
func TestNewGrantWritesAWholeProgram(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds a whole program: run it without -short")
	}
	b, dir := newBench(), filepath.Join(t.TempDir(), "login")
	r := b.want(t, exitOK, "new", "grant", "otp", "--dir", dir, "--replace", checkoutHere(t))
	contains(t, r.out, "go mod tidy && go build ./... && go test ./...", "urn:example:otp")
	contains(t, r.err, "otp.go", "otp_test.go", "main.go", "wire_gen.go")
	lines := find(t, "(?s)```sh\n(export.*?)```", readFile(t, dir, "README.md"))
	contains(t, r.out, lines)
	tidy(t, dir)
	goes(t, dir, "test", "./...")
	goes(t, dir, "build", "-o", "server", ".")
	getsAToken(t, dir, lines)

	r = b.want(t, exitOK, "new", "grant", "magic-link", "--dir", dir, "--type", "urn:acme:magic-link")
	main := readFile(t, dir, "main.go")
	first := find(t, `(?m)^(\s+NewOtp\(.*\),)$`, main)
	writeFile(t, dir, "main.go", strings.Replace(main, first, first+"\n"+find(t, `(?m)^(\s+NewMagicLink\(.*\),)$`, r.out), 1))
	goes(t, dir, "test", "-run", "MagicLink", "./...")
}

// getsAToken follows the lines that a person is shown, on a free port and with a program that is built already.
func getsAToken(t *testing.T, dir, lines string) {
	t.Helper()
	for _, tool := range []string{"sh", "curl", "openssl", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Logf("the lines for a first token are not tried: there is no %s", tool)
			return
		}
	}
	addr := freeAddr(t)
	begin, ask, _ := strings.Cut(strings.NewReplacer("go run . ", "./server ", "127.0.0.1:8080", addr).Replace(lines), "\n\n")
	begin = regexp.MustCompile(`(\./server dev) .*`).ReplaceAllString(begin, "$1 --addr "+addr+" > dev.log 2>&1 & SERVER=$!")
	wait := "trap 'kill $SERVER; wait $SERVER' EXIT\ni=0; until test -f passport-data/dev.json; do i=$((i+1)); test $i -lt 300 || exit 1; sleep 0.1; done\n"
	last := ask[strings.LastIndex(ask, "curl "):]
	script := begin + "\n" + wait + ask + "\necho\n" + last
	out := command(t, dir, "sh", "-c", script)
	first, second, _ := strings.Cut(out, "\n")
	contains(t, first, `"access_token":"`)
	contains(t, second, `"error":"invalid_grant"`)
}

// find returns what the pattern's group holds.
func find(t *testing.T, pattern, text string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("got %s; want %s in it", text, pattern)
	}
	return m[1]
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

// tidy runs go mod tidy with what this machine has of other modules; the sums are those that this module knows.
func tidy(t *testing.T, dir string) {
	t.Helper()
	writeFile(t, dir, "go.sum", readFile(t, checkoutHere(t), "go.sum"))
	c := exec.CommandContext(t.Context(), "go", "mod", "tidy")
	c.Dir, c.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY=off")
	if out, err := c.CombinedOutput(); err != nil {
		t.Logf("go mod tidy without a proxy: %v\n%s", err, out)
		goes(t, dir, "mod", "tidy")
	}
}

func goes(t *testing.T, dir string, args ...string) { t.Helper(); command(t, dir, "go", args...) }

// command runs a program that must succeed and returns what it wrote to stdout.
func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	c := exec.CommandContext(ctx, name, args...)
	var out, errs bytes.Buffer
	c.Dir, c.Env, c.Stdout, c.Stderr = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod"), &out, &errs
	if err := c.Run(); err != nil {
		t.Fatalf("%s %s: got %v; want success\n%s%s", name, strings.Join(args, " "), err, &out, &errs)
	}
	return out.String()
}

func readFile(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestNewGrantRefusesWhatWouldNotWork(t *testing.T) {
	t.Parallel()
	b, empty := newBench(), t.TempDir()
	for _, c := range []struct {
		want int
		says string
		args []string
	}{
		{exitUsage, "needs NAME", nil},
		{exitUsage, "takes NAME and nothing else", []string{"otp", "sms"}},
		{exitUsage, "cannot name a grant", []string{""}},
		{exitUsage, "cannot name a grant", []string{"OTP"}},
		{exitUsage, "cannot name a grant", []string{"../otp"}},
		{exitUsage, "cannot name a grant", []string{"otp--sms"}},
		{exitUsage, "cannot name a grant", []string{"2fa"}},
		{exitUsage, "cannot name a grant", []string{strings.Repeat("a", 41)}},
		{exitUsage, "main-login would do", []string{"main"}},
		{exitUsage, "neither an absolute URI nor a plain name", []string{"otp", "--type", "my grant"}},
		{exitUsage, "neither an absolute URI nor a plain name", []string{"otp", "--type", `urn:a:"b"`}},
		{exitUsage, "neither an absolute URI nor a plain name", []string{"otp", "--type", "urn:a:$(id)"}},
		{exitUsage, "not a module path", []string{"otp", "--module", "example.com/a b"}},
		{exitUsage, "not a module path", []string{"otp", "--module", modulePath}},
		{exitUsage, "no checkout of", []string{"otp", "--replace", empty}},
		{exitInvalid, "in a Go module", []string{"otp", "--dir", "testdata"}},
	} {
		args := append([]string{"new", "grant"}, c.args...)
		if !slices.Contains(args, "--dir") {
			args = append(args, "--dir", empty)
		}
		contains(t, b.want(t, c.want, args...).err, c.says)
	}
	if left, err := os.ReadDir(empty); err != nil || len(left) > 0 {
		t.Errorf("got %v, %v; want nothing written", left, err)
	}
	if len(b.built) > 0 {
		t.Errorf("got %d apps built; want none", len(b.built))
	}
}

func TestNewGrantWritesOverNothingUnasked(t *testing.T) {
	t.Parallel()
	b, dir := newBench(), t.TempDir()
	writeFile(t, dir, "wire.go", "mine")
	r := b.want(t, exitConflict, "new", "grant", "otp", "--dir", dir)
	contains(t, r.err, "wire.go exists already", "--force")
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 || readFile(t, dir, "wire.go") != "mine" {
		t.Errorf("got %v, %v; want nothing written", all, err)
	}
	writeFile(t, dir, "wire.go", "package mine")
	b.want(t, exitOK, "new", "grant", "otp", "--dir", dir, "--module", "example.com/acme/login", "--force")
	contains(t, readFile(t, dir, "wire.go"), "package main")
	contains(t, readFile(t, dir, "go.mod"), "module example.com/acme/login")
	contains(t, readFile(t, dir, "main.go"), "Command login is", `NewOtp(os.Getenv("OTP_KEY"))`)
	b.want(t, exitConflict, "new", "grant", "otp", "--dir", dir)
	r = b.want(t, exitOK, "new", "grant", "sms", "--dir", dir)
	contains(t, r.out, `NewSms(os.Getenv("SMS_KEY")),`)
	contains(t, readFile(t, dir, "sms.go"), "package main", `"urn:example:sms"`)
}
