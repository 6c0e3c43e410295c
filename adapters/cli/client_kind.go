package cli

import (
	"slices"

	"github.com/gopassport/passport/domain/client"
)

// kind is what sort of app a client is. It settles what most people would not want to think about.
type kind struct {
	name   string
	grants []string
	auth   client.AuthMethod
	native bool
}

var forPeople = []string{"authorization_code", "refresh_token"}

var kinds = []kind{
	{"web", forPeople, client.Basic, false},                          // runs on a server and keeps a secret
	{"spa", forPeople, client.None, false},                           // runs in a browser
	{"native", forPeople, client.None, true},                         // runs on a person's device
	{"machine", []string{"client_credentials"}, client.Basic, false}, // acts for itself
}

func kindNames() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	return names
}

func kindNamed(name string) (kind, bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}
