package attacks

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// tokenRows are the rows of the catalogue about clients, tokens and what stores them.
var tokenRows = map[string]string{
	"D01": "no client authentication", "D02": "a wrong secret", "D04": "two ways to authenticate at once", "D06": "another method than the registered one",
	"D07": "the encoding of Basic", "D08": "credentials in the URL", "D10": "how long a refusal takes", "D11": "guessing a secret", "D12": "a body that is no form",
	"D13": "another method of HTTP", "D14": "a parameter twice", "D16": "a grant type that is not the client's", "D17": "a client that was disabled or deleted",
	"D18": "an assertion with claims that are not right", "D19": "an assertion that comes back", "D20": "an assertion without jti", "D21": "an assertion of another algorithm",
	"D22": "an assertion that brings its key along", "D23": "an assertion whose kid is a path or a statement", "D24": "an assertion with critical headers",
	"D25": "an assertion that is huge", "D27": "an assertion with a changed signature", "D28": "an assertion under a former key", "D29": "DPoP proofs that prove nothing",
	"D30": "a certificate in a header", "D31": "what errors tell", "D32": "headers of every answer", "D33": "another origin", "D34": "two requests in one",
	"D35": "bodies that are large or never end", "D36": "a compressed body",

	"E01": "a code redeemed by another client", "E02": "a code redeemed by another public client", "E03": "a code that has expired", "E04": "another redirect_uri",
	"E05": "a code_verifier that does not answer", "E06": "a code_verifier without a challenge", "E07": "a code that comes back", "E09": "a code that comes back after refreshes",
	"E10": "fifty redemptions of one code", "E11": "redemptions while processes are killed", "E14": "something else than a code", "E17": "consent withdrawn in between",
	"E18": "the secret rotated in between", "E19": "scopes taken away in between", "E20": "the redirect URI removed in between", "E21": "nonce, at_hash and c_hash",
	"E22": "the audience of an id_token", "E23": "more codes than anybody needs", "E24": "the entropy of codes",

	"R01": "a refresh", "R02": "a refresh token that comes back", "R03": "its grandparent", "R05": "a retry within the grace", "R08": "fifty refreshes at once",
	"R10": "an answer that was lost", "R11": "another client's refresh token", "R16": "idle and absolute ends", "R17": "a person who is gone", "R18": "a client that is gone",
	"R19": "consent withdrawn", "R20": "not-before of a client and of the issuer", "R21": "a refresh while the family is ended", "R22": "a refresh while a purge runs",
	"R23": "a refresh under another DPoP key", "R24": "a key that turns in between", "R25": "a client without refresh tokens", "R26": "storage that fails in the middle",

	"G01": "a public client for itself", "G02": "a client whose id is a user's", "G05": "every scope there is", "G06": "a client's own token where a person is needed",
	"H01": "guessing user codes", "H02": "ways to type a user code", "H03": "polling too fast", "H04": "polling as another client", "H05": "two polls at once",
	"H06": "a device code that comes back", "H07": "a user code as another code", "H08": "an approval by GET", "H09": "an approval from another site",
	"H10": "polls after a refusal and after the end", "H11": "two people approve at once", "H15": "two equal user codes",
	"I01": "token exchange of what is not good", "I02": "token exchange without permission", "I04": "guessing passwords at the token endpoint", "I05": "assertions as grants",

	"J01": "who may not introspect", "J03": "what is not live looks the same", "J04": "introspection by GET", "J05": "a refresh token is not an access token",
	"J06": "revoked in another process", "J07": "a revoked token with a good signature", "J08": "a good signature without a row", "J09": "introspection as a scanner",
	"J10": "signed introspection", "K01": "revoking nothing", "K02": "revoking another client's token", "K03": "a public client revokes its own", "K04": "what goes with a token",
	"K05": "a wrong hint", "K06": "storage that fails during a revocation", "K07": "a revocation that races an issuance", "K09": "two tokens in one request",
	"L01": "a resource without a token, or with two", "L02": "a resource with a token that is not for it", "L03": "a resource without its scope",
	"L04": "a resource for somebody deleted", "L06": "a bound token without its proof", "L07": "signed userinfo", "L08": "odd Authorization headers",

	"M01": "another host in the request", "M02": "what is advertised works", "M03": "public members only", "M04": "a key turns", "M05": "a key is given up at once",
	"M09": "the names of keys", "M10": "a flood of document requests", "M11": "a private key that is damaged or gone",

	"U17": "a purge in the middle of a redemption", "U18": "what a purge must leave", "U20": "clocks that differ", "U24": "a million names", "U25": "requests that are aborted",
	"U28": "headers that mean nothing here", "U29": "headers that are too large",
}

// tokenRowsNotYet are about what the server does not offer.
var tokenRowsNotYet = map[string]string{
	"D18": assertions, "D19": assertions, "D20": assertions, "D21": assertions, "D22": assertions, "D23": assertions, "D24": assertions, "D25": assertions,
	"D27": assertions, "D28": assertions, "D29": "there is no DPoP", "R23": "there is no DPoP",
	"E21": openID, "E22": openID, "L07": openID, "R20": "there is no not-before; disabling ends what was issued",
	"I01": "there is no token exchange", "I02": "there is no token exchange",
	"I05": "there is no jwt-bearer grant", "J09": "introspection is not limited: who asks is a confidential client, and a token has 256 bits",
	"J10": "answers are not signed",
}

const (
	assertions = "private_key_jwt is not offered; that the JWTs of access tokens stand the same is shown by test/keytest"
	openID     = "there is no OpenID Connect and no userinfo"
)

// tokenRowsElsewhere are tried by tests of other packages.
var tokenRowsElsewhere = map[string]string{
	"E11": "test/faults: TestFaults",
	"M05": "application/keys: TestReplaceEndsWhatTheStolenKeySigned",
	"U24": "adapters/ratelimit: TestU24MemoryIsFlat",
	"G06": "adapters/guard: TestAttacks",
	"L01": "adapters/guard: TestAttacks",
	"L02": "adapters/guard: TestAttacks, TestWhatWasEndedIsRefused, TestHeadersThatAreRefused",
	"L03": "adapters/guard: TestAttacks",
	"L04": "adapters/guard: TestWhatWasEndedIsRefused",
	"L06": "adapters/guard: TestClaimsThatAreRefused",
	"L08": "adapters/guard: TestAttacks",
}

var attemptName = regexp.MustCompile(`"([DERGHIJKLMU]\d\d)[ :]`)

// Every row is tried under its name, or it is said why not.
func TestTokenRows(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), "_test.go") || strings.HasPrefix(f.Name(), "table_") {
			continue
		}
		source, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range attemptName.FindAllStringSubmatch(string(source), -1) {
			tried[m[1]] = true
		}
	}
	for id, title := range tokenRows {
		_, notYet := tokenRowsNotYet[id]
		_, elsewhere := tokenRowsElsewhere[id]
		n := 0
		for _, is := range []bool{tried[id], notYet, elsewhere} {
			if is {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s, %s: tried here: %v, not yet: %v, tried elsewhere: %v; want one of them", id, title, tried[id], notYet, elsewhere)
		}
	}
	for _, other := range []map[string]string{tokenRowsNotYet, tokenRowsElsewhere} {
		for id := range other {
			if tokenRows[id] == "" {
				t.Errorf("%s is no row", id)
			}
		}
	}
}
