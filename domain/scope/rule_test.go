package scope_test

import (
	"testing"

	"github.com/gopassport/passport/domain/scope"
)

func TestRule(t *testing.T) {
	t.Parallel()
	plain, inherits := scope.Rule{}, scope.Rule{Inherits: true}
	for _, tc := range []struct {
		name            string
		rule            scope.Rule
		granted, needed string
		want            bool
	}{
		{"the scope itself", plain, "orders", "orders", true},
		{"another one", plain, "orders", "users", false},
		{"a child, where nothing is inherited", plain, "orders", "orders:read", false},
		{"a child", inherits, "orders", "orders:read", true},
		{"a grandchild", inherits, "orders", "orders:read:own", true},
		{"a parent is not implied by its child", inherits, "orders:read", "orders", false},
		{"a name that only begins alike", inherits, "order", "orders:read", false},
		{"everything", plain, "*", "orders:read", true},
		{"everything opens itself", plain, "*", "*", true},
		{"nothing else opens everything", inherits, "orders", "*", false},
		{"a name that begins with a colon has no parent", inherits, "orders", ":orders", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.rule.Satisfies(scope.Of(tc.granted), tc.needed); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
			if got := tc.rule.Covers(scope.Of(tc.granted, "more"), scope.Of(tc.needed, "more")); got != tc.want {
				t.Errorf("covers: got %v; want %v", got, tc.want)
			}
		})
	}
}

func TestSettleUnderRules(t *testing.T) {
	t.Parallel()
	k := scope.Catalog{
		Scopes:   []scope.Definition{{Name: "orders"}, {Name: "orders:read"}, {Name: "mail", Optional: true}},
		Defaults: scope.Of("orders:read", "mail"), Rule: scope.Rule{Inherits: true},
	}
	for _, tc := range []struct{ name, asked, allowed, want string }{
		{"a child of what is allowed", "orders:read", "orders", "orders:read"},
		{"defaults, as far as they are allowed", "", "orders", "orders:read"},
		{"everything for whom may have it", "*", "*", "*"},
		{"everything for nobody else", "*", "orders orders:read mail", "refused"},
		{"a child that the catalog does not know", "orders:delete", "orders", "refused"},
		{"what everything covers must be known too", "orders:delete", "*", "refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			asked, _ := scope.Parse(tc.asked)
			allowed, _ := scope.Parse(tc.allowed)
			got, err := k.Settle(asked, allowed)
			if text := got.String(); err == nil && text != tc.want || err != nil && tc.want != "refused" {
				t.Errorf("got %q, %v; want %q", text, err, tc.want)
			}
		})
	}
	if got := k.Optional(scope.Of("orders", "mail", "unknown")).String(); got != "mail" {
		t.Errorf("optional are %q; want mail", got)
	}
}
