package grant_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
)

// The vector of RFC 7636, appendix B.
const (
	verifierB  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challengeB = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

func TestParseChallenge(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, challenge, method string
		required                bool
		want                    grant.Challenge
		reason                  fault.Reason // empty where it is accepted
	}{
		{"S256", challengeB, "S256", true, challengeB, ""},
		{"S256 where it is not required", challengeB, "S256", false, challengeB, ""},
		{"none where none is required", "", "", false, "", ""},
		{"B01 none where one is required", "", "", true, "", "pkce_missing"},
		{"B02 a method and no challenge", "", "S256", true, "", "pkce_missing"},
		{"B02 a method and no challenge where none is required", "", "S256", false, "", "pkce_missing"},
		{"B03 no method means plain", challengeB, "", true, "", "pkce_method"},
		{"B03 no method means plain for an exempt client too", challengeB, "", false, "", "pkce_method"},
		{"B04 plain", verifierB, "plain", true, "", "pkce_method"},
		{"B04 lower case", challengeB, "s256", true, "", "pkce_method"},
		{"B04 an unknown one", challengeB, "S512", true, "", "pkce_method"},
		{"B04 a space behind", challengeB, "S256 ", true, "", "pkce_method"},
		{"B05 42 characters", challengeB[:42], "S256", true, "", "pkce_challenge"},
		{"B05 44 characters", challengeB + "A", "S256", true, "", "pkce_challenge"},
		{"B05 129 characters", strings.Repeat("A", 129), "S256", true, "", "pkce_challenge"},
		{"B05 padding", challengeB[:42] + "=", "S256", true, "", "pkce_challenge"},
		{"B05 padding behind", challengeB + "=", "S256", true, "", "pkce_challenge"},
		{"B05 the other base64", strings.Replace(challengeB, "-", "+", 1), "S256", true, "", "pkce_challenge"},
		{"B05 a slash in the middle", challengeB[:20] + "/" + challengeB[21:], "S256", true, "", "pkce_challenge"},
		{"B05 a dot: no base64url", challengeB[:42] + ".", "S256", true, "", "pkce_challenge"},
		{"B05 a tilde: no base64url", "~" + challengeB[1:], "S256", true, "", "pkce_challenge"},
		{"B05 not ASCII", challengeB[:41] + "é", "S256", true, "", "pkce_challenge"},
		{"B05 a newline", challengeB[:42] + "\n", "S256", true, "", "pkce_challenge"},
		{"B05 a NUL", "\x00" + challengeB[1:], "S256", true, "", "pkce_challenge"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := grant.ParseChallenge(tc.challenge, tc.method, tc.required)
			f, refused := fault.As(err)
			if refused != (tc.reason != "") || refused && (f.Code != fault.InvalidRequest || f.Reason != tc.reason) {
				t.Fatalf("got %v; want invalid_request with reason %q, or none", err, tc.reason)
			}
			if got != tc.want {
				t.Errorf("got %q; want %q", got, tc.want)
			}
		})
	}
}

func TestAnsweredBy(t *testing.T) {
	t.Parallel()
	of := func(verifier string) grant.Challenge {
		sum := sha256.Sum256([]byte(verifier))
		return grant.Challenge(base64.RawURLEncoding.EncodeToString(sum[:]))
	}
	short, long := strings.Repeat("a", 42), strings.Repeat("a", 129)
	for _, tc := range []struct {
		name      string
		challenge grant.Challenge
		verifier  string
		want      bool
	}{
		{"the vector of RFC 7636, appendix B", challengeB, verifierB, true},
		{"the shortest verifier", of(strings.Repeat("a", 43)), strings.Repeat("a", 43), true},
		{"the longest verifier", of(strings.Repeat("a", 128)), strings.Repeat("a", 128), true},
		{"all punctuation that is allowed", of(strings.Repeat("-._~", 12)), strings.Repeat("-._~", 12), true},
		{"E05 none", challengeB, "", false},
		{"E05 a wrong one", challengeB, "e" + verifierB[1:], false},
		{"E05 42 characters, though the digest is right", of(short), short, false},
		{"E05 129 characters, though the digest is right", of(long), long, false},
		{"E05 a wrong character, though the digest is right", of(verifierB + "="), verifierB + "=", false},
		{"E05 a wrong character in the middle, though the digest is right", of(verifierB + " " + verifierB), verifierB + " " + verifierB, false},
		{"E05 a letter outside ASCII, though the digest is right", of(verifierB + "é"), verifierB + "é", false},
		{"E05 the challenge itself", challengeB, challengeB, false},
		{"E05 plain: a challenge that is its own verifier", grant.Challenge(verifierB), verifierB, false},
		{"another case", challengeB, strings.ToUpper(verifierB), false},
		{"no challenge is answered by nothing", "", "", false},
		{"no challenge is answered by a verifier either", "", verifierB, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.challenge.AnsweredBy(tc.verifier); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
		})
	}
}

func FuzzParseChallenge(f *testing.F) {
	for _, c := range []string{"", challengeB, challengeB[:42], challengeB + "=", verifierB, strings.Repeat(".", 43), strings.Repeat("é", 22)} {
		for _, m := range []string{"", "S256", "plain", "s256"} {
			f.Add(c, m, true)
			f.Add(c, m, false)
		}
	}
	digest := regexp.MustCompile(`\A[A-Za-z0-9_-]{43}\z`)
	verifier := regexp.MustCompile(`\A[A-Za-z0-9._~-]{43,128}\z`)
	f.Fuzz(func(t *testing.T, challenge, method string, required bool) {
		want := method == "S256" && digest.MatchString(challenge) || challenge == "" && method == "" && !required
		got, err := grant.ParseChallenge(challenge, method, required)
		if (err == nil) != want {
			t.Fatalf("%q, %q, required %v: got %v; want accepted %v", challenge, method, required, err, want)
		}
		if f, refused := fault.As(err); err != nil && (!refused || f.Code != fault.InvalidRequest || got != "") {
			t.Errorf("got %q, %v; want invalid_request alone", got, err)
		}
		if err == nil && string(got) != challenge {
			t.Errorf("got %q; want %q", got, challenge)
		}
		// Whatever the text is, as a verifier it answers its own digest if it has the form of one, and nothing else.
		sum := sha256.Sum256([]byte(challenge))
		own := grant.Challenge(base64.RawURLEncoding.EncodeToString(sum[:]))
		if answered := own.AnsweredBy(challenge); answered != verifier.MatchString(challenge) {
			t.Errorf("%q as a verifier of its own digest: got %v", challenge, answered)
		}
		if got.AnsweredBy(challenge) {
			t.Errorf("%q answers itself: that is the method plain", challenge)
		}
	})
}
