package attacks

import (
	"maps"
	"slices"
	"testing"
)

// operationRows are the rows of the catalogue about pushed requests, registration, logout, the management API, the command line and
// the configuration.
var operationRows = map[string]string{
	"N03": "a pushed request used by another client", "N04": "a pushed request that was used, is old or guessed", "N06": "a client that must push, and does not",
	"N08": "pushing by GET, too much, too often", "N09": "what was pushed, in cookies and URLs", "N10": "one pushed request in two browsers",

	"O01": "registering without being asked to", "O02": "metadata that no client may set", "O03": "redirect URIs that are none", "O04": "URIs that lead the server into its own network",
	"O05": "documents that never end", "O06": "a sector that does not list its members", "O09": "registration tokens that outlive their client",
	"O13": "a flood of registrations", "O14": "secrets that are shown again", "O15": "SQL in every field", "O16": "an unsigned software statement",

	"P01": "a place to go after logout", "P03": "a hint that signs somebody out", "P06": "what is left after logout", "P08": "logout tokens", "P09": "frames that log out",
	"P10": "logout while something is under way", "P11": "a session id in the address",

	"Q01": "every route of operators, by whom it is not for", "Q02": "other people's things by their ids", "Q03": "paths that routers and proxies read differently",
	"Q04": "fields that nobody may set", "Q05": "hostile sorting, limits and cursors", "Q08": "personal tokens that are wider than their maker", "Q10": "two changes at once",
	"Q12": "another site's form to the API", "Q13": "metrics and profiles on the port of everybody",

	"S01": "a command that shows a secret again", "S02": "a secret among the arguments", "S04": "a schema of another release",
	"S05": "what HTTP refuses, from the command line", "S06": "a key made over another, or by many at once",
	"T01": "an issuer that is none", "T02": "an app key that somebody can guess", "T03": "a setting that is misspelt", "T04": "development for everybody",
	"T06": "lives that are none", "T08": "secrets among the settings", "T09": "settings in a query",
}

// operationNotYet are rows of what the server does not offer. Whoever adds it removes its rows here and writes their tests.
var operationNotYet = map[string]string{
	"N03": pushing, "N04": pushing, "N06": pushing, "N08": pushing, "N09": pushing, "N10": pushing,
	"O06": registering, "O09": registering, "O13": registering, "O16": registering,
	"P08": clientLogout, "P09": clientLogout,
	"Q04": "no API changes people: operators have the command line",
	"Q05": "the lists of the JSON API take no sorting, no limit and no cursor",
	"Q10": "the JSON API has no ETag and no If-Match; storage refuses an update of what was changed meanwhile (test/storagetest)",
}

const (
	pushing      = "there are no pushed requests; a request_uri is refused (B22)"
	registering  = "there is no dynamic registration: operators register clients"
	clientLogout = "clients are not told of a logout"
)

// operationElsewhere are rows that tests of other packages try.
var operationElsewhere = map[string]string{
	"Q01": "adapters/httpapi: TestEveryOtherEndpointWantsAPerson",
	"S01": "adapters/cli: TestASecretIsShownOnceAndNeverAgain, TestTheJSONOfAClientHasTheNamesOfRFC7591",
}

// operationOtherwise are rows whose answer is another one than the catalogue proposes, and why.
var operationOtherwise = map[string]string{
	"O04": "a client names no document, and the server asks nobody: there is no code in it that could",
	"O05": "as O04: nothing is fetched, so nothing can be endless",
	"P01": "there is nowhere to be sent after logout, registered or not: the page stays",
	"P03": "hints are unknown parameters; logout always asks",
	"P06": "tokens outlive the session: they are the apps', and end by revocation, disabling or a new password",
	"P10": "as P06: what races is a decision, and after both nobody is signed in and no page of before gives a code",
	"S06": "there is no --force: each key has a file of its own, named by its thumbprint, and none is ever replaced",
	"T04": "there is no debug mode; dev listens on this machine only",
	"T06": "a life of zero is the default",
}

// TestOperationRows: every row is tried here or elsewhere, or it is said why not.
func TestOperationRows(t *testing.T) {
	t.Parallel()
	found := tested(t)
	for _, id := range slices.Sorted(maps.Keys(operationRows)) {
		n := 0
		for _, is := range []bool{found[id], operationNotYet[id] != "", operationElsewhere[id] != ""} {
			if is {
				n++
			}
		}
		if n != 1 || operationNotYet[id] != "" && operationOtherwise[id] != "" {
			t.Errorf("%s, %s: tried here: %v, not yet: %q, elsewhere: %q; want one of them", id, operationRows[id], found[id], operationNotYet[id], operationElsewhere[id])
		}
	}
	for _, listed := range []map[string]string{operationNotYet, operationElsewhere, operationOtherwise} {
		for id := range listed {
			if operationRows[id] == "" {
				t.Errorf("%s is no row", id)
			}
		}
	}
}
