package sqlstore_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/pgtest"
)

func TestFilesOfSQLiteAreTheirOwnersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pass port?#%.db")
	s := open(t, sqlstore.Config{URL: path, Migrate: true})
	addClient(t, s)
	for _, suffix := range []string{"", "-wal", "-shm", ".migrate-lock"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatalf("file %q: got error %v; want it there", suffix, err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("file %q: got mode %o; want 600", suffix, mode)
		}
	}
}

func TestURLsOfSQLite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct{ url, file string }{
		{filepath.Join(dir, "a.db"), "a.db"},
		{"sqlite:" + filepath.Join(dir, "b.db"), "b.db"},
		{"file:" + filepath.Join(dir, "c.db"), "c.db"},
		{"sqlite://" + filepath.Join(dir, "d.db"), "d.db"},
	} {
		open(t, sqlstore.Config{URL: c.url})
		if _, err := os.Stat(filepath.Join(dir, c.file)); err != nil {
			t.Errorf("%s: got error %v; want the file", c.url, err)
		}
	}
	for _, bad := range []string{"", ":memory:", "sqlite::memory:", "sqlite:", "mysql://user:hunter2@host/db", "sqlite:x.db?mode=rwc", "postgres://u:hunter2@[::1/db"} {
		_, _, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: bad})
		if err == nil {
			t.Errorf("open %q: got success; want an error", bad)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("open %q: got the password in the error", bad)
		}
	}
}

func TestADatabaseThatReadsBackslashesIsRefused(t *testing.T) {
	t.Parallel()
	for setting, value := range map[string]string{"standard_conforming_strings": "off", "client_encoding": "SQL_ASCII"} {
		at := pgtest.URL(t, nil)
		conn, err := pgx.Connect(t.Context(), at)
		if err != nil {
			t.Fatalf("connect: got error %v; want success", err)
		}
		defer conn.Close(t.Context())
		name := pgx.Identifier{conn.Config().Database}.Sanitize()
		if _, err := conn.Exec(t.Context(), "ALTER DATABASE "+name+" SET "+setting+" = '"+value+"'"); err != nil {
			t.Fatalf("alter database: got error %v; want success", err)
		}
		_, _, err = sqlstore.Open(t.Context(), sqlstore.Config{URL: at})
		if err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("open with %s = %s: got error %v; want one that names it", setting, value, err)
		}
	}
}

func TestTheURLCannotSayOtherwise(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(pgtest.URL(t, migrated))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("default_query_exec_mode", "simple_protocol")
	u.RawQuery = q.Encode()
	s := open(t, sqlstore.Config{URL: u.String()})
	if _, err := s.FindSession(t.Context(), []secret.Digest{{1}}); err == nil {
		t.Errorf("find a session that is not there: got success; want an error")
	}
}
