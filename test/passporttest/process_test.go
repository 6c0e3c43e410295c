package passporttest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
)

// A resource server in another process is told the issuer and nothing else: it finds the keys and verifies by itself.
func TestAResourceServerInAnotherProcessNeedsTheURLAlone(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	ada := s.ActingAs(t, user.User{ID: "42"}, "orders:read")
	for name, tc := range map[string]struct {
		token, want string
	}{
		"a good one":         {ada.Token(), "good for 42, orders:read"},
		"an expired one":     {ada.Expired().Token(), "expired"},
		"of another API":     {ada.For("https://elsewhere.example").Token(), "not for us"},
		"of another server":  {passporttest.New(t).ActingAs(t, user.User{ID: "42"}, "orders:read").Token(), "not signed by the issuer"},
		"one that is no JWT": {ada.Opaque().Token(), "no JWT"},
	} {
		if got := elsewhere(t, s.URL, tc.token); !strings.Contains(got, tc.want+"\n") {
			t.Errorf("%s: got %s; want %s", name, got, tc.want)
		}
	}
}

// elsewhere verifies a token in a process of its own.
func elsewhere(t *testing.T, issuer, token string) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestResourceServer$", "-test.v")
	cmd.Env = append(os.Environ(), "PASSPORT_TEST_ISSUER="+issuer, "PASSPORT_TEST_TOKEN="+token)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestResourceServer(t *testing.T) {
	issuer, raw := os.Getenv("PASSPORT_TEST_ISSUER"), os.Getenv("PASSPORT_TEST_TOKEN")
	if issuer == "" {
		t.Skip("only as a process of its own")
	}
	var found struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	var keys jose.JSONWebKeySet
	fetched(t, issuer+"/.well-known/oauth-authorization-server", &found)
	fetched(t, found.JWKS, &keys)
	_, _ = os.Stdout.WriteString(verdict(t, issuer, found.Issuer, raw, keys) + "\n")
}

func verdict(t *testing.T, issuer, says, raw string, keys jose.JSONWebKeySet) string {
	t.Helper()
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return "no JWT"
	}
	payload, err := jws.Verify(keys)
	if err != nil {
		return "not signed by the issuer"
	}
	var claims struct {
		Issuer   string `json:"iss"`
		Subject  string `json:"sub"`
		Audience any    `json:"aud"`
		Scope    string `json:"scope"`
		Expires  int64  `json:"exp"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	audience, several := claims.Audience.([]any)
	switch {
	case claims.Issuer != issuer || says != issuer:
		return "of another issuer"
	case time.Now().Unix() >= claims.Expires:
		return "expired"
	case claims.Audience != issuer && (!several || !slices.Contains(audience, any(issuer))):
		return "not for us"
	}
	return "good for " + claims.Subject + ", " + claims.Scope
}

func fetched(t *testing.T, from string, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, from, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: got %s, %v", from, res.Status, err)
	}
}
