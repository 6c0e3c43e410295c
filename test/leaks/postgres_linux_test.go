package leaks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestPostgreSQLHoldsNoSecret has a server of its own, which writes down every statement with its parameters.
func TestPostgreSQLHoldsNoSecret(t *testing.T) {
	t.Parallel()
	address, log := talkative(t)
	w := walk(t, address)
	tables := dump(t, "pgx", address, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
	w.look(t, "the tables", tables, string(w.web.ID))
	said, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(said), "INSERT INTO") || strings.Count(string(said), "arameters: $1 = ") < 10 {
		t.Fatalf("got %d bytes of log without statements and parameters: the scan would prove nothing", len(said))
	}
	w.look(t, "PostgreSQL's log", string(said), string(w.web.ID))
	w.lookElsewhere(t, tables)
}

// talkative starts a PostgreSQL of this machine's programs and returns where its log is.
func talkative(t *testing.T) (address, log string) {
	t.Helper()
	bin := programs(t)
	dir, err := os.MkdirTemp("", "passport-leaks-pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as := &syscall.SysProcAttr{Setpgid: true, Credential: serverUser(t, dir)}
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(t.Context(), filepath.Join(bin, "initdb"), "--pgdata="+data, "--username=passport", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, as
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v: %s", err, out)
	}
	log = filepath.Join(dir, "log")
	file, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	port := freePort(t)
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-c", "port="+port, "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "log_statement=all", "-c", "log_min_messages=debug1")
	server.Dir, server.SysProcAttr, server.Stdout, server.Stderr = dir, as, file, file
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT)
		_ = server.Wait()
	})
	address = "postgres://passport@127.0.0.1:" + port + "/postgres?sslmode=disable"
	if err := await(t.Context(), address); err != nil {
		said, _ := os.ReadFile(log)
		t.Fatalf("postgres: %v: %s", err, said)
	}
	return address, log
}

// programs is the folder of initdb and postgres; Debian doesn't put it in the path.
func programs(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	switch {
	case len(found) > 0:
		return filepath.Dir(found[len(found)-1])
	case strings.Contains(os.Getenv("PASSPORT_REQUIRE"), "postgres"):
		t.Fatal("PASSPORT_REQUIRE names postgres, and there is no initdb")
	}
	t.Skip("no initdb: install PostgreSQL's server (Debian: apt-get install postgresql)")
	return ""
}

// serverUser gives the folder to whom PostgreSQL agrees to run as.
func serverUser(t *testing.T, dir string) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			t.Skip("initdb refuses to run as root and there is no user postgres")
		}
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2, os.Chown(dir, int(uid), int(gid))); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

// await returns once the server has answered.
func await(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	poll := time.NewTicker(25 * time.Millisecond)
	defer poll.Stop()
	for {
		conn, err := pgx.Connect(ctx, address)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return err
		case <-poll.C:
		}
	}
}
