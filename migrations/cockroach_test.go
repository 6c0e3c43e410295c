package migrations_test

import (
	"io/fs"
	"strings"
	"testing"
	"text/template"

	"github.com/gopassport/passport/migrations"
)

// cockroach is what migrations are rendered with for CockroachDB, whose tables have all columns or none.
type cockroach struct {
	PG, Cockroach                bool
	UUID, Time, JSON, Bytes, Key string
	bare                         bool
}

func (c cockroach) Lacks(string, string) bool { return c.bare }

func rendered(t *testing.T, file string, with cockroach) string {
	t.Helper()
	text, err := fs.ReadFile(migrations.FS, file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := template.Must(template.New(file).Parse(string(text))).Execute(&out, with); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// CockroachDB has made DROP CONSTRAINT of a unique one an error for most of its life (cockroachdb/cockroach#42840).
func TestCockroachIsAskedToDropNoUniqueConstraint(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	drops := 0
	for _, file := range files {
		for _, bare := range []bool{true, false} {
			text := rendered(t, file, cockroach{PG: true, Cockroach: true, bare: bare})
			if strings.Contains(text, "DROP CONSTRAINT") {
				t.Errorf("%s: got DROP CONSTRAINT; want DROP INDEX ... CASCADE", file)
			}
			drops += strings.Count(text, "oauth_users@oauth_users_username_key CASCADE")
		}
	}
	if drops != 1 {
		t.Errorf("unique index of old: got it dropped %d times; want once", drops)
	}
}
