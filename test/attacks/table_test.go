package attacks

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rows is the catalogue of the authorization endpoint, of login, sessions and consent, and of what is stored: each attack, and what
// it is about. Those about clients and tokens are in tokenRows. A subtest whose name begins with the id tries it, or notYet says
// why none does.
var rows = map[string]string{
	"A01": "redirect URI: a trailing slash", "A02": "redirect URI: another case in the path", "A03": "redirect URI: another case in the host",
	"A05": "redirect URI: the default port", "A07": "redirect URI: a fragment", "A08": "redirect URI: dots", "A10": "redirect URI: path parameters",
	"A12": "redirect URI: a user in front of the host", "A13": "redirect URI: backslashes", "A15": "redirect URI: relative or empty",
	"A16": "redirect URI: look-alike letters", "A17": "redirect URI: control characters and header splitting", "A18": "redirect URI: sent twice",
	"A19": "redirect URI: schemes that run", "A20": "redirect URI: percent-encoding", "A22": "redirect URI: numeric hosts",
	"A23": "native clients: any loopback port", "A24": "native clients: nothing but the port", "A26": "native clients: fake loopback",
	"A27": "native clients: bad ports", "A29": "native clients: own schemes", "A30": "clients that are none", "A31": "redirect URI: left out where two are registered",
	"A32": "redirect URI: bad, with prompt=none", "A33": "redirect URI: oversized", "A34": "redirect URI: a million mutations",

	"B01": "PKCE: left out by a public client", "B02": "PKCE: left out by a confidential client", "B03": "PKCE: no method", "B04": "PKCE: weaker and unknown methods",
	"B05": "PKCE: malformed challenges", "B06": "PKCE: one challenge twice", "B08": "response_mode: unknown", "B09": "response_mode: a token in the query",
	"B10": "response_mode: form_post and a hostile state", "B11": "response_mode: form_post to a stranger", "B12": "response_mode: web_message",
	"B13": "scope: unknown or not allowed", "B14": "scope: endless", "B15": "scope: characters that are none", "B16": "state: any text", "B17": "parameters sent twice",
	"B18": "POST like GET", "B20": "request object: unsigned", "B21": "request object: contradicting", "B22": "request_uri: fetched by the server",
	"B23": "request object: of another, or old", "B24": "login_hint: oversized", "B26": "claims: oversized and deep", "B27": "max_age: malformed and zero",
	"B29": "prompt: none with others", "B31": "prompt: login without a new login", "B32": "prompt: consent where it is remembered", "B33": "prompt: none, and somebody else's hint",
	"B34": "id_token_hint: forged", "B35": "acr_values: unmet", "B36": "resource: not allowed, malformed, many", "B37": "iss in every answer", "B38": "forged host headers",
	"B40": "dpop_jkt: another key at the token endpoint", "B41": "queries that parsers disagree about",

	"C01": "login CSRF", "C02": "forms from other sites", "C04": "session fixation", "C07": "decisions sent twice", "C08": "somebody else's request",
	"C13": "text from outside on pages", "C14": "cookie flags", "C15": "307 after a form", "C16": "forged cookies", "C17": "sessions without end", "C18": "account enumeration",
	"C19": "passwords of hostile sizes", "C20": "exhaustion by hashing", "C21": "guessing", "C22": "guessing in parallel", "C23": "guessing under other spellings",
	"C24": "spraying", "C25": "forged source addresses", "C26": "locking others out", "C28": "open redirect after login", "C29": "scope creep under a remembered consent",
	"C31": "consent withdrawn meanwhile", "C33": "sessions that outlive a password or an account", "C34": "headers of pages", "C35": "codes without sign-in and consent",

	"U04": "modes of database files", "U05": "secrets in the database", "U07": "secrets in the log", "U09": "core dumps", "U12": "tokens that outlive consent",
	"U15": "keys in backups", "U20": "clocks that differ", "U21": "privileges of the database role",
	"U22": "TLS to the database", "U27": "HTTP/2 floods", "U28": "headers that override",
	"U30": "user names in Unicode",
}

// notYet are rows without a test, and why.
var notYet = map[string]string{
	"B34": "needs OpenID Connect: there are no ID tokens, so a hint is an unknown parameter and is ignored (RFC 6749, 3.1)",
	"B35": "needs OpenID Connect: acr_values is an unknown parameter and is ignored",
	"B40": "needs DPoP: dpop_jkt is an unknown parameter and is ignored",
	"U09": "a matter of how the process is run: Go writes no core unless GOTRACEBACK=crash asks for it",
	"U15": "a matter of configuration: private keys are files beside the database; a copy of the database alone signs nothing",
	"U21": "a matter of how the database is set up: serving needs no more than rows, migrating needs the tables",
	"U22": "pgx verifies as the URL's sslmode says; a test needs a server with a certificate",
	"U27": "the server speaks HTTP/1.1 without TLS; HTTP/2 ends at the proxy in front of it",
}

// otherwise are rows whose answer is another one than the catalogue proposes, and why.
var otherwise = map[string]string{
	"A18": "an empty second redirect_uri is answered with invalid_request to the registered one: only that one can be meant",
	"B06": "one challenge twice is allowed and not audited: nothing would be learnt from the entry",
	"B09": "response_type=token does not exist here: unsupported_response_type, in the query, where no token can be",
	"B10": "form_post is not offered: invalid_request by redirect, and no page with a state in it exists",
	"B12": "web_message is not offered: invalid_request by redirect",
	"B14": "a scope named a few times over counts once; what is too long is invalid_scope, 413 or 414",
	"B15": "NUL and invalid UTF-8 end at the edge with a page, before client and redirect URI are looked at",
	"B20": "request objects are not offered: request_not_supported (OpenID Connect Core, 6.1)",
	"B21": "request objects are not offered: request_not_supported",
	"B23": "request objects are not offered: request_not_supported",
	"B26": "claims is an unknown parameter and is ignored; nothing parses it",
	"B33": "without ID tokens there is no hint; prompt=none answers for whoever is signed in, or login_required",
	"B36": "one hundred resources are one hundred parameters: a page, for there are too many",
	"C18": "wall clocks are not compared: the same look-ups, counts and hashes are counted instead",
	"C19": "a megabyte ends at the limit of the body with 413; a password of 1,025 bytes is 400",
	"C20": "the hashes at a time are bounded beside the hasher; here all answers are 403, 429 or 503 and the token endpoint goes on",
	"C21": "five in five minutes, not exponential: the windows of the source and of the account stand behind it",
	"C23": "alice@x is another name than alice, and another account",
	"C26": "besides the source, 100 failures an hour close an account to browsers that it has not been used in",
	"C34": "Referrer-Policy is same-origin on pages, for the check of origins needs it, and no-referrer on the way to a client",
	"U07": "traces and the activity of PostgreSQL are not looked at: there are the log and metrics (Q13) alone",
}

var rowID = regexp.MustCompile(`^[A-Z]\d\d\b`)

// tested lists the ids that names of subtests in this package begin with.
func tested(t *testing.T) map[string]bool {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), "_test.go") || strings.HasPrefix(f.Name(), "table_") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
				name := strings.Trim(text.Value, "\"`")
				for rowID.MatchString(name) {
					found[name[:3]] = true
					name = strings.TrimPrefix(name[3:], " ") // one subtest may try two rows
				}
			}
			return true
		})
	}
	return found
}

func TestEveryRowIsAnswered(t *testing.T) {
	t.Parallel()
	found := tested(t)
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		if found[id] == (notYet[id] != "") {
			t.Errorf("%s, %s: tested %v, and notYet says %q; want one of the two", id, rows[id], found[id], notYet[id])
		}
		if otherwise[id] != "" && notYet[id] != "" {
			t.Errorf("%s is in notYet and in otherwise", id)
		}
	}
	for _, listed := range []map[string]string{notYet, otherwise} {
		for id := range listed {
			if rows[id] == "" {
				t.Errorf("%s is in no catalogue", id)
			}
		}
	}
	for id := range found {
		if strings.Contains("ABCU", id[:1]) && rows[id]+tokenRows[id] == "" {
			t.Errorf("a subtest is named %s, which is in no catalogue", id)
		}
	}
}
