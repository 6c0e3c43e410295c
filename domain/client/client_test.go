package client_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
)

const someID = "0190f5fe-7c1e-7a5f-8d3c-0123456789ab"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestParseID(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, given string
		ok          bool
	}{
		{"a UUID in lower case", someID, true},
		{"zeros", "00000000-0000-0000-0000-000000000000", true},
		{"nothing", "", false},
		{"a character less", someID[1:], false},
		{"a character more", someID + "0", false},
		{"upper case", strings.ToUpper(someID), false},
		{"one letter in upper case", strings.Replace(someID, "ab", "aB", 1), false},
		{"no dashes", strings.ReplaceAll(someID, "-", "0"), false},
		{"a dash elsewhere", "0190f5f-e7c1e-7a5f-8d3c-0123456789ab", false},
		{"a dash too many", "0190f5fe-7c1e-7a5f-8d3c-0123456789-b", false},
		{"braces", "{" + someID[1:35] + "}", false},
		{"a letter beyond f", someID[:35] + "g", false},
		{"a quote", someID[:35] + "'", false},
		{"a NUL", someID[:35] + "\x00", false},
		{"letters of more than one byte", someID[:34] + "é", false},
		{"a number", "1", false},
		{"space around it", " " + someID[:34] + " ", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok := client.ParseID(tc.given)
			if ok != tc.ok || ok && string(got) != tc.given || !ok && got != "" {
				t.Errorf("got %q, %v; want %v", got, ok, tc.ok)
			}
		})
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{someID, "", strings.ToUpper(someID), someID[:35] + "g", "0190f5f-e7c1e-7a5f-8d3c-0123456789ab", strings.Repeat("-", 36)} {
		f.Add(s)
	}
	uuid := regexp.MustCompile(`\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\z`)
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := client.ParseID(s)
		if want := uuid.MatchString(s); ok != want {
			t.Errorf("ParseID(%q): got %v; want %v", s, ok, want)
		}
		if ok && string(got) != s {
			t.Errorf("ParseID(%q): got %q; want it unchanged", s, got)
		}
	})
}

func TestWhatAClientMayDo(t *testing.T) {
	t.Parallel()
	web := client.Client{Auth: client.Basic, Grants: []string{"authorization_code"}}
	spa := client.Client{Auth: client.None, WithoutPKCE: true, WithoutRotation: true}
	exempt := client.Client{Auth: client.Post, WithoutPKCE: true, WithoutRotation: true, DisabledAt: noon}
	for _, tc := range []struct {
		name      string
		got, want bool
	}{
		{"a client with a secret is not public", web.Public(), false},
		{"a client without one is", spa.Public(), true},
		{"it may use what it is registered for", web.MayUse("authorization_code"), true},
		{"and nothing else", web.MayUse("password") || web.MayUse("") || spa.MayUse("authorization_code"), false},
		{"PKCE is the rule for confidential clients", web.MustUsePKCE(), true},
		{"a confidential client can be exempt", exempt.MustUsePKCE(), false},
		{"a public client never is, whatever its row says", spa.MustUsePKCE(), true},
		{"rotation is the rule for confidential clients", web.Rotates(), true},
		{"a confidential client can do without", exempt.Rotates(), false},
		{"a public client cannot, whatever its row says", spa.Rotates(), true},
		{"a client is enabled", web.Enabled(), true},
		{"until it is disabled", exempt.Enabled(), false},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %v; want %v", tc.name, tc.got, tc.want)
		}
	}
}

func TestAllowedScopes(t *testing.T) {
	t.Parallel()
	all := scope.Catalog{
		Scopes: []scope.Definition{{Name: "read"}, {Name: "read:own"}, {Name: "write"}, {Name: "admin"}}, Rule: scope.Rule{Inherits: true},
	}
	for _, tc := range []struct {
		name  string
		given client.Client
		want  string
	}{
		{"none by default", client.Client{}, ""},
		{"those it was given", client.Client{Scopes: scope.Of("write", "read")}, "read read:own write"},
		{"what descends from those, and not the reverse", client.Client{Scopes: scope.Of("read:own")}, "read:own"},
		{"none that the catalog lost", client.Client{Scopes: scope.Of("admin", "gone")}, "admin"},
		{"every scope", client.Client{EveryScope: true}, "read read:own write admin"},
		{"a star is none of the catalog's", client.Client{Scopes: scope.Of("*")}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.given.AllowedScopes(all).String(); got != tc.want {
				t.Errorf("got %q; want %q", got, tc.want)
			}
		})
	}
}

func TestServesAny(t *testing.T) {
	t.Parallel()
	api := client.Client{Serves: []string{"https://a.example", "https://b.example"}}
	for _, tc := range []struct {
		name      string
		resources []string
		want      bool
	}{
		{"its own among others", []string{"https://x.example", "https://b.example"}, true},
		{"others", []string{"https://x.example"}, false},
		{"a longer one that begins like its own", []string{"https://a.example/more"}, false},
		{"none", nil, false},
	} {
		if got := api.ServesAny(tc.resources); got != tc.want {
			t.Errorf("%s: got %v; want %v", tc.name, got, tc.want)
		}
	}
	if (client.Client{}).ServesAny([]string{""}) {
		t.Error("a client that serves nothing: got true; want false")
	}
}

func TestSecretLiveAt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		expires time.Time
		want    bool
	}{
		{"one without an end", time.Time{}, true},
		{"before its end", noon.Add(1), true},
		{"at its end no longer", noon, false},
		{"after its end", noon.Add(-1), false},
	} {
		if got := (client.Secret{ExpiresAt: tc.expires}).LiveAt(noon); got != tc.want {
			t.Errorf("%s: got %v; want %v", tc.name, got, tc.want)
		}
	}
}

func TestWithSecret(t *testing.T) {
	t.Parallel()
	// What a secret is called is kept in its hint, and when it ends in minutes after noon; 0 is never.
	type s struct {
		hint string
		ends int
	}
	const overlap = 60
	for _, tc := range []struct {
		name    string
		before  []s
		overlap int
		want    []s
	}{
		{"the first secret", nil, overlap, []s{{"new", 0}}},
		{"the old one lives on for the overlap", []s{{"old", 0}}, overlap, []s{{"new", 0}, {"old", overlap}}},
		{"without overlap it is gone at once", []s{{"old", 0}}, 0, []s{{"new", 0}}},
		{"with a negative overlap too", []s{{"old", 0}}, -5, []s{{"new", 0}}},
		{"an earlier end is not put off", []s{{"old", 10}}, overlap, []s{{"new", 0}, {"old", 10}}},
		{"a later end is moved forward", []s{{"old", 600}}, overlap, []s{{"new", 0}, {"old", overlap}}},
		{"a dead one does not come back", []s{{"old", -1}}, overlap, []s{{"new", 0}}},
		{"of two the newest lives on", []s{{"newer", 0}, {"oldest", 30}}, overlap, []s{{"new", 0}, {"newer", overlap}}},
		{"a dead one takes nobody's place", []s{{"dead", -1}, {"old", 30}}, overlap, []s{{"new", 0}, {"old", 30}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			at := func(minutes int) time.Time {
				if minutes == 0 {
					return time.Time{}
				}
				return noon.Add(time.Duration(minutes) * time.Minute)
			}
			var c client.Client
			for _, b := range tc.before {
				c.Secrets = append(c.Secrets, client.Secret{Hint: b.hint, ExpiresAt: at(b.ends)})
			}
			kept := slices.Clone(c.Secrets)
			fresh := client.Secret{Hint: "new", Digest: secret.Plain("test", secret.Of("new")), CreatedAt: noon}
			got := c.WithSecret(fresh, noon, time.Duration(tc.overlap)*time.Minute).Secrets
			var want []client.Secret
			for _, w := range tc.want {
				want = append(want, client.Secret{Hint: w.hint, ExpiresAt: at(w.ends)})
			}
			want[0] = fresh
			if !slices.Equal(got, want) {
				t.Errorf("got %+v; want %+v", got, want)
			}
			if !slices.Equal(c.Secrets, kept) {
				t.Error("the client before the rotation was changed")
			}
		})
	}
}

func TestNoTwoVersionsOfARecordHaveTheSameTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)
	for name, tc := range map[string]struct{ was, now, want time.Time }{
		"a later clock":                   {at, at.Add(time.Second), at.Add(time.Second)},
		"the next microsecond":            {at, at.Add(time.Microsecond), at.Add(time.Microsecond)},
		"the same time":                   {at, at, at.Add(time.Microsecond)},
		"within the microsecond":          {at.Add(200), at.Add(900), at.Add(time.Microsecond)},
		"a clock that is behind":          {at, at.Add(-time.Hour), at.Add(time.Microsecond)},
		"a record that was never changed": {time.Time{}, at, at},
	} {
		if got := (client.Client{UpdatedAt: tc.was}).ChangedAt(tc.now); !got.Equal(tc.want) {
			t.Errorf("%s: got %v; want %v", name, got, tc.want)
		}
	}
}
