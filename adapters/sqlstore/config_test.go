package sqlstore_test

import (
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/sqlstore"
)

func TestAURLOfAnotherDatabaseIsNotValid(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"postgres://u:p@db/x", "postgresql://db/x", "sqlite:passport.db", "file:/var/lib/passport.db", "passport.db", "/var/lib/a:b.db", "./a:b.db",
		`C:\data\passport.db`, "c:/data/passport.db",
	} {
		if err := (sqlstore.Config{URL: good}).Validate(); err != nil {
			t.Errorf("%s: got %v; want it valid", good, err)
		}
	}
	for _, bad := range []string{"", "mysql://u:hunter2@db/x", "mysql:x", "u:hunter2@db/x", "POSTGRES://db/x", ":memory:", "C:passport.db"} {
		err := (sqlstore.Config{URL: bad}).Validate()
		if err == nil || !strings.Contains(err.Error(), "database_url") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got %v; want it refused without being repeated", bad, err)
		}
	}
}
