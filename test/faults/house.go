package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the auditor reads the database by itself

	"github.com/gopassport/passport/adapters/keyring"
	_ "github.com/gopassport/passport/adapters/sqlstore" // brings the driver for SQLite
	"github.com/gopassport/passport/domain/secret"
)

// shutdownDelay is how long a server goes on that was told to end.
const shutdownDelay = time.Second

const appKey = "b7Ye23ec29Kf22b0b4e41dQ31e868d572"

// plan says what a house is to be.
type plan struct {
	engine   string
	dir      string
	programs programs
	servers  int
	people   int
	rules    rules
	timeout  time.Duration // of a request, in the servers
	settings []string      // of the servers, as environment
	database []string      // of PostgreSQL
	hooked   bool
	leeway   time.Duration // for a machine that has other things to do as well
	diskSize int           // in megabytes, of a filesystem of its own; 0 uses the one that is there
	image    bool          // that filesystem is on a disk whose power can be cut
}

// house is servers over one database, with clients and people that are known there.
type house struct {
	plan
	data     string   // where the database's files are
	disk     *disk    // nil for none of its own
	cluster  *cluster // nil for SQLite
	proxies  []*proxy // one for each server
	servers  []*server
	peppers  secret.Peppers
	web, m2m party
	tv       party // a public client, on devices
	people   []*person
}

// party is a registered client. One without a secret is public.
type party struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

// resource is what tokens of the app on devices are for. The machine serves it, and so may look at them.
const resource = "https://api.example/"

// introspector is who may look at a client's tokens: the client itself, unless it is public.
func (h *house) introspector(of party) party {
	if of.Secret == "" {
		return h.m2m
	}
	return of
}

func openHouse(ctx context.Context, p plan) (*house, error) {
	h := &house{plan: p, data: filepath.Join(p.dir, "data")}
	err := h.furnish(ctx)
	if err != nil {
		h.close()
		return nil, fmt.Errorf("%s: %w", p.engine, err)
	}
	return h, nil
}

func (h *house) furnish(ctx context.Context) error {
	var err error
	if h.peppers, err = keyring.Peppers(keyring.Config{AppKey: secret.Of(appKey)}); err != nil {
		return err
	}
	if err := h.openDisk(ctx); err != nil {
		return err
	}
	if err := h.openDatabase(ctx); err != nil {
		return err
	}
	if err := h.openServers(); err != nil {
		return err
	}
	if err := h.register(ctx); err != nil {
		return err
	}
	for _, s := range h.servers {
		if err := errors.Join(s.start(), s.ready(ctx, 30*time.Second)); err != nil {
			return err
		}
	}
	for _, who := range h.people {
		if err := who.signIn(ctx, h.servers[0]); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) openDisk(ctx context.Context) error {
	err := os.MkdirAll(h.data, 0o711)
	switch {
	case err != nil || h.diskSize == 0:
	case h.image:
		h.disk, err = mountImage(ctx, h.data, filepath.Join(h.dir, "disk"), int64(h.diskSize))
	default:
		h.disk, err = mountMemory(ctx, h.data, h.diskSize)
	}
	return err
}

func (h *house) openDatabase(ctx context.Context) error {
	if h.engine == "sqlite" {
		return nil
	}
	var err error
	if h.cluster, err = newCluster(ctx, filepath.Join(h.data, "postgres")); err != nil {
		return err
	}
	h.cluster.settings = h.database
	if err := errors.Join(h.cluster.start(), h.cluster.await(ctx)); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, h.cluster.url("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE passport")
	return errors.Join(err, conn.Close(ctx))
}

// databaseURL is the database's own address, without a proxy before it.
func (h *house) databaseURL() string {
	if h.engine == "sqlite" {
		return "sqlite:" + h.file()
	}
	return h.cluster.url("passport")
}

func (h *house) file() string { return filepath.Join(h.data, "passport.db") }

func (h *house) openServers() error {
	program := h.programs.plain
	if h.hooked {
		program = h.programs.hooked
	}
	for i := range h.plan.servers {
		addr, err := freeAddr()
		if err != nil {
			return err
		}
		at := h.databaseURL()
		if h.cluster != nil {
			p, err := newProxy(h.cluster.addr)
			if err != nil {
				return err
			}
			h.proxies = append(h.proxies, p)
			at = urlAt(p.addr(), "passport")
		}
		log, err := os.OpenFile(filepath.Join(h.dir, fmt.Sprintf("server-%d.log", i)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		s := &server{program: program, addr: addr, log: log, gone: make(chan struct{})}
		h.servers = append(h.servers, s)
		s.env = h.environment(at)
	}
	return nil
}

// environment is what a server or a command is told. The issuer is the first server's for all of them.
func (h *house) environment(databaseURL string) []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, "PASSPORT_ISSUER=" + h.servers[0].base(), "PASSPORT_DATABASE_URL=" + databaseURL,
		"PASSPORT_APP_KEY=" + appKey, "PASSPORT_KEYS_DIR=" + filepath.Join(h.dir, "keys"), "PASSPORT_SCOPES=orders:read=See your orders",
		"PASSPORT_ARGON2_MEMORY=8192", "PASSPORT_LOG_LEVEL=error", "PASSPORT_REFRESH_GRACE=" + h.rules.grace.String(),
		"PASSPORT_REQUEST_TIMEOUT=" + h.timeout.String(), "PASSPORT_CODE_LIFE=" + h.rules.codeLife.String(),
		"PASSPORT_SHUTDOWN_DELAY=" + shutdownDelay.String(), "PASSPORT_TRUSTED_PROXIES=127.0.0.1/32",
		"PASSPORT_DEVICE_CODE_LIFE=" + h.rules.deviceLife.String(), "PASSPORT_DEVICE_INTERVAL=1s",
	}, h.settings...)
}

const password = "correct horse battery"

func (h *house) register(ctx context.Context) error {
	if _, err := h.passport(ctx, "", "install"); err != nil {
		return err
	}
	for at, args := range map[*party][]string{
		&h.web: {"--kind", "web", "--redirect-uri", callback},
		&h.m2m: {"--kind", "machine", "--serves", resource},
		&h.tv:  {"--kind", "device", "--auth-method", "none", "--audience", resource},
	} {
		out, err := h.passport(ctx, "", append([]string{"client", "create", "--name", "app", "-o", "json"}, args...)...)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(out, at); err != nil {
			return err
		}
	}
	for i := range h.plan.people {
		name := fmt.Sprintf("person%d@example.test", i)
		if _, err := h.passport(ctx, password+"\n", "user", "create", name, "--password-stdin"); err != nil {
			return err
		}
		who := newPerson(h, name)
		who.phone = newPhone(h, name)
		h.people = append(h.people, who)
	}
	return nil
}

// passport runs a command of the server's program.
func (h *house) passport(ctx context.Context, input string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, h.programs.plain, args...)
	var said bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stderr, cmd.Dir = h.environment(h.databaseURL()), strings.NewReader(input), &said, h.dir
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("passport %s: %w: %s", args[0], err, said.Bytes())
	}
	return out, nil
}

// openDB opens the database for the harness itself.
func (h *house) openDB() (*sql.DB, error) {
	if h.engine == "sqlite" {
		return sql.Open("sqlite", "file:"+h.file()+"?_busy_timeout=20000")
	}
	return sql.Open("pgx", h.cluster.url("passport"))
}

// truth reads what is there, in one snapshot.
func (h *house) truth(ctx context.Context) (truth, error) {
	var db *sql.DB
	var err error
	if h.engine == "sqlite" {
		db, err = h.openDB()
	} else {
		db, err = sql.Open("pgx", h.cluster.url("passport")+"&default_transaction_isolation=repeatable%20read")
	}
	if err != nil {
		return truth{}, err
	}
	defer func() { _ = db.Close() }()
	return readTruth(ctx, db)
}

// execute runs SQL on a connection of the harness's own.
func (h *house) execute(ctx context.Context, statements ...string) error {
	db, err := h.openDB()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%.60s: %w", s, err)
		}
	}
	return nil
}

// revive starts whatever is not running and waits until everything serves.
func (h *house) revive(ctx context.Context, extra ...string) error {
	for _, s := range h.servers {
		if !s.running() {
			if err := s.start(extra...); err != nil {
				return err
			}
		}
	}
	for _, s := range h.servers {
		if err := s.ready(ctx, 30*time.Second); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) close() {
	for _, s := range h.servers {
		s.kill()
		_, _ = s.wait(5 * time.Second)
		_ = s.log.Close()
	}
	for _, p := range h.proxies {
		p.close()
	}
	if h.cluster != nil && h.cluster.gone != nil {
		_ = h.cluster.stop(immediate)
	}
	if h.disk != nil {
		h.disk.remove()
	}
}
