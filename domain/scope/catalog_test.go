package scope_test

import (
	"errors"
	"testing"

	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/scope"
)

var catalog = scope.Catalog{
	Scopes: []scope.Definition{
		{Name: "read", Description: "Read your orders"}, {Name: "write", Description: "Change your orders"}, {Name: "admin"},
	},
	Defaults: scope.Of("read", "write"),
}

func TestSettle(t *testing.T) {
	t.Parallel()
	unknown, notAllowed := fault.InvalidScope.For("scope_unknown", ""), fault.InvalidScope.For("scope_not_allowed", "")
	for _, tc := range []struct {
		name           string
		asked, allowed scope.Set
		want           string
		err            error
	}{
		{"what is asked for is granted", scope.Of("write"), scope.Of("read", "write"), "write", nil},
		{"all that is allowed may be asked for", scope.Of("admin", "read"), catalog.Names(), "admin read", nil},
		{"nothing asked for gets the defaults", scope.Set{}, catalog.Names(), "read write", nil},
		{"the defaults end where the client's allowance ends", scope.Set{}, scope.Of("admin", "write"), "write", nil},
		{"no allowance, no defaults", scope.Set{}, scope.Set{}, "", nil},
		{"B13 an unknown scope", scope.Of("read", "delete"), catalog.Names(), "", unknown},
		{"B13 an unknown scope that the client is allowed", scope.Of("delete"), scope.Of("delete"), "", unknown},
		{"B13 a scope that is not allowed", scope.Of("read", "admin"), scope.Of("read"), "", notAllowed},
		{"B13 a star is no wildcard", scope.Of("*"), catalog.Names(), "", notAllowed},
		{"another case is another scope", scope.Of("Read"), catalog.Names(), "", unknown},
		{"a client that is allowed nothing", scope.Of("read"), scope.Set{}, "", notAllowed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := catalog.Settle(tc.asked, tc.allowed)
			if tc.err != nil && !errors.Is(err, tc.err) || tc.err == nil && err != nil {
				t.Fatalf("got error %v; want %v", err, tc.err)
			}
			if got.String() != tc.want {
				t.Errorf("got %q; want %q", got, tc.want)
			}
		})
	}
}

func TestCatalogNames(t *testing.T) {
	t.Parallel()
	if got, want := catalog.Names().String(), "read write admin"; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	if got := (scope.Catalog{}).Names(); !got.Empty() {
		t.Errorf("an empty catalog: got %q; want nothing", got)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"read": "Read your orders", "admin": "admin", "unheard": "unheard"} {
		if got := catalog.Describe(name); got != want {
			t.Errorf("%s: got %q; want %q", name, got, want)
		}
	}
}
