package pgtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// supervise runs a server until its standard input ends, as it does with this process however that goes, or until the
// server gives up. Then it takes the server's files away, and says what the server said last.
const supervise = `dir=$1; shift
exec 3<&0
"$@" >"$dir/log" 2>&1 3<&- &
server=$!
{ cat <&3; kill -QUIT $server; } >/dev/null 2>&1 &
watcher=$!
wait $server
code=$?
trap '' PIPE
kill $watcher 2>/dev/null
tail -n 5 "$dir/log" >&2
rm -rf "$dir"
exit $code`

// startLocal makes a cluster with this machine's initdb and starts it.
func startLocal(ctx context.Context, with settings) (place, error) {
	bin, err := serverPrograms()
	if err != nil {
		return place{}, err
	}
	for range 3 { // the port may be taken between our finding it free and the server's
		c := cluster{bin: bin, password: rand.Text()}
		if err = c.init(ctx); err != nil {
			return place{}, err
		}
		if err = c.start(ctx, with); err == nil {
			return place{url: c.url(), about: "initdb of " + bin, stays: "no longer than these tests run: only a server of yours, or a container, keeps it"}, nil
		}
	}
	return place{}, err
}

// serverPrograms returns the folder of initdb and postgres; Debian doesn't put it in the path.
func serverPrograms() (string, error) {
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if initdb, err = filepath.EvalSymlinks(initdb); err == nil {
			return filepath.Dir(initdb), nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errors.New("not found in the path or in /usr/lib/postgresql/*/bin")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

type cluster struct {
	bin, dir, password string
	port               int
}

// init makes the cluster's files in a folder of the user who is to run it: PostgreSQL refuses to run as root.
func (c *cluster) init(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "pgtest-")
	if err != nil {
		return err
	}
	c.dir = dir
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte(c.password+"\n"), 0o600); err != nil {
		return err
	}
	if err := giveAway(dir, secret); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, "initdb"), "--pgdata="+c.data(), "--username="+role, "--pwfile="+secret,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
	asServerUser(cmd)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("%w: %s", err, bytes.TrimSpace(out)), os.RemoveAll(dir))
	}
	return os.Remove(secret)
}

func (c *cluster) start(ctx context.Context, with settings) error {
	var err error
	if c.port, err = freePort(); err != nil {
		return err
	}
	script := []string{
		"-c", supervise, "supervise", c.dir, filepath.Join(c.bin, "postgres"), "-D", c.data(),
		"-c", "port=" + strconv.Itoa(c.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
	}
	cmd := exec.Command("sh", append(script, with...)...)
	asServerUser(cmd)
	cmd.Dir = c.dir
	var said bytes.Buffer
	cmd.Stderr = &said
	if _, err := cmd.StdinPipe(); err != nil { // the command keeps our end open
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	gone := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		gone <- fmt.Errorf("postgres ended: %w: %s", err, bytes.TrimSpace(said.Bytes()))
	}()
	return c.await(ctx, gone)
}

// await returns once the server has answered.
func (c *cluster) await(ctx context.Context, gone <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	poll := time.NewTicker(25 * time.Millisecond)
	defer poll.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.url())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return err
		case err := <-gone:
			return err
		case <-poll.C:
		}
	}
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) url() string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(role, c.password), Path: "/postgres", RawQuery: "sslmode=disable",
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
	}
	return u.String()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
