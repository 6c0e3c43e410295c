package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a PostgreSQL server of our own, which really syncs: it is there to be killed.
type cluster struct {
	bin, dir string
	addr     string
	settings []string
	leash    interface{ Close() error } // the server goes when this process does
	gone     chan struct{}
}

var errNoPostgres = errors.New("no initdb on this machine")

func serverPrograms() (string, error) {
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if initdb, err = filepath.EvalSymlinks(initdb); err == nil {
			return filepath.Dir(initdb), nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errNoPostgres
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// newCluster makes the files in a folder that it hands to whoever is to run the server, for that cannot be root.
func newCluster(ctx context.Context, dir string) (*cluster, error) {
	bin, err := serverPrograms()
	if err != nil {
		return nil, err
	}
	c := &cluster{bin: bin, dir: dir}
	if c.addr, err = freeAddr(); err != nil {
		return nil, err
	}
	if err := errors.Join(os.MkdirAll(dir, 0o700), giveAway(dir)); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata="+c.data(), "--username=passport", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--wal-segsize=1", "--no-sync")
	cmd.Dir = dir
	asServerUser(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	return c, nil
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

// leashed runs a server until it ends or its standard input does.
const leashed = `exec 3<&0
"$@" 3<&- & server=$!
{ cat <&3; kill -QUIT $server; } >/dev/null 2>&1 & watcher=$!
wait $server
kill $watcher 2>/dev/null`

// start runs the server and does not wait until it answers.
func (c *cluster) start() error {
	_, port, _ := strings.Cut(c.addr, ":")
	args := []string{"-c", leashed, "leashed", filepath.Join(c.bin, "postgres"), "-D", c.data()}
	for _, s := range append([]string{
		"port=" + port, "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=120", "shared_buffers=16MB",
		"max_wal_size=16MB", "min_wal_size=2MB", "log_min_messages=fatal",
	}, c.settings...) {
		args = append(args, "-c", s)
	}
	cmd := exec.Command("sh", args...)
	cmd.Dir = c.dir
	asServerUser(cmd)
	var err error
	if c.leash, err = cmd.StdinPipe(); err != nil {
		return err
	}
	log, err := os.OpenFile(c.dir+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	gone := make(chan struct{})
	c.gone = gone
	go func() {
		_ = cmd.Wait()
		_ = log.Close()
		close(gone)
	}()
	return nil
}

// await returns once the server answers, and starts it again where it gave up.
func (c *cluster) await(ctx context.Context) error {
	for end := time.Now().Add(60 * time.Second); ; {
		conn, err := pgx.Connect(ctx, c.url("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		if time.Now().After(end) || ctx.Err() != nil {
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
		}
		select {
		case <-c.gone:
			if err := c.start(); err != nil {
				return err
			}
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Ways to end: fast undoes what is under way, immediate does not tidy up, and crash is as if the power had gone for this program.
const (
	fast      = syscall.SIGINT
	immediate = syscall.SIGQUIT
	crash     = syscall.SIGKILL
)

// stop ends the server and waits until all its processes are gone.
func (c *cluster) stop(how syscall.Signal) error {
	b, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return fmt.Errorf("find PostgreSQL: %w", err)
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return err
	}
	children := childrenOf(pid)
	if err := syscall.Kill(pid, how); err != nil {
		return err
	}
	if how == crash {
		for _, child := range children {
			_ = syscall.Kill(child, how)
		}
	}
	select {
	case <-c.gone:
	case <-time.After(30 * time.Second):
		return errors.New("PostgreSQL does not stop")
	}
	return nil
}

// childrenOf lists the processes that a process started.
func childrenOf(pid int) []int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	var all []int
	for _, word := range strings.Fields(string(b)) {
		if n, err := strconv.Atoi(word); err == nil {
			all = append(all, n)
		}
	}
	return all
}

func (c *cluster) url(database string) string { return urlAt(c.addr, database) }

func urlAt(addr, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("passport"), Host: addr, Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}
