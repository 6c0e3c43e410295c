package sqlstore_test

import (
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/sqlstore"
)

func TestHotTablesPayForNoOtherIndex(t *testing.T) {
	eachEngine(t, func(t *testing.T, url, _ string) {
		s := open(t, sqlstore.Config{URL: url, Migrate: true})
		all, err := s.Indexes(t.Context(), "oauth_refresh_tokens")
		must(t, "list indexes", err)
		for _, definition := range all {
			for _, changed := range []string{"generation", "rotated_at", "tokens_until"} {
				if strings.Contains(definition, changed) {
					t.Errorf("index of families: got %q; want none that a rotation writes", definition)
				}
			}
		}
		ordinary, err := s.Indexes(t.Context(), "oauth_access_tokens")
		must(t, "list indexes", err)
		for _, definition := range ordinary {
			if !strings.Contains(definition, " WHERE ") && !strings.Contains(definition, "(expires_at)") {
				t.Errorf("index of access tokens: got %q; want it for those only that need it", definition)
			}
		}
		if len(all) < 4 || len(ordinary) < 4 {
			t.Errorf("indexes: got %d of families and %d of access tokens; want 4 at least", len(all), len(ordinary))
		}
	})
}
