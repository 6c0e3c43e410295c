package acceptance

import (
	"strings"
	"testing"
)

var linesR = map[int]line{
	212: {
		says: "without a key file nothing starts; RSA and EC keys are read, other kinds are not", instead: "as there for what is missing or damaged; keys are of ES256, EdDSA, RS256 or PS256 and only this program makes them",
		shown: "adapters/keyring TestM11AKeyFileThatIsWrongIsRefused, adapters/keyring TestM11AnAbsentKeyIsNotMadeAgain, domain/key TestParseAlgorithm",
	},
	213: {
		says: "what is encrypted with a password or a key can be read again", instead: "codes and refresh tokens hold nothing to be read: they are handles, kept as digests",
		shown: "domain/secret TestHandleRoundTrip, domain/secret TestPeppersTryAllAndUseTheFirst",
	},
	214: {says: "the answer has its three headers and its members; a response type may add some", instead: "headers and members as there, and none are added (see 34)"},
	215: {
		says: "a command makes both key files, and refuses to do so again", instead: "install makes the first key, and again changes nothing: it can be part of every deployment; key generate makes the next one",
		shown: "adapters/cli TestInstallMakesEverythingOnce, adapters/cli TestKeysAreMadeAndRotated",
	},
	216: {
		says: "keys come from configuration or from a folder", instead: "private keys from a folder, or from any ports.Signer a team brings; the app key from configuration or a file",
		shown: "adapters/keyring TestAnotherProcessHoldsWhatIsOnTheDisk, adapters/cli/settings TestAValueCanComeFromAFile",
	},
	217: {
		says: "tokens are encrypted with the cookies' key unless they get one of their own", instead: "one app key, and a key derived of it for each purpose",
		shown: "adapters/keyring TestNoTwoPurposesShareAKey",
	},
}

func TestAnswers(t *testing.T) {
	inMemory(t, []rule{{"214 headers and members", headersAndMembers}})
}

func headersAndMembers(t *testing.T, h *house) {
	r := h.token(t, h.web, codeForm(h.web, h.code(t, h.web)))
	granted(t, r)
	for name, want := range map[string]string{"Cache-Control": "no-store", "Pragma": "no-cache", "Content-Type": "application/json"} {
		if got := r.header.Get(name); got != want {
			t.Errorf("got %s %q; want %q", name, got, want)
		}
	}
	m := r.json(t)
	for _, name := range []string{"access_token", "refresh_token", "expires_in"} {
		if m[name] == nil {
			t.Errorf("got %s; want %s", r.body, name)
		}
	}
	if n := strings.Count(m["access_token"].(string), "."); n != 2 || m["token_type"] != "Bearer" {
		t.Errorf("got %s; want a JWT to be used as a bearer token", r.body)
	}
}
