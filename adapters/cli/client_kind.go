package cli

import (
	"slices"

	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/token"
)

// kind is what sort of app a client is. It settles what most people would not want to think about.
type kind struct {
	name    string
	settled client.Client
}

var (
	forPeople  = []string{"authorization_code", token.RefreshType}
	forDevices = []string{grant.DeviceType, token.RefreshType}
)

var kinds = []kind{
	// It runs on a server and keeps a secret.
	{"web", client.Client{Grants: forPeople, Auth: client.Basic, EveryScope: true}},
	// It runs in a browser.
	{"spa", client.Client{Grants: forPeople, Auth: client.None, EveryScope: true}},
	// It runs on a person's device.
	{"native", client.Client{Grants: forPeople, Auth: client.None, Native: true, EveryScope: true}},
	// It acts for itself.
	{"machine", client.Client{Grants: []string{"client_credentials"}, Auth: client.Basic, EveryScope: true}},
	// It has no browser: a person answers for it on another device.
	{"device", client.Client{Grants: forDevices, Auth: client.Basic, Native: true, EveryScope: true}},
	// It stands for the tokens that people make for themselves.
	{"personal", client.Client{
		Grants: []string{tokens.PersonalType}, Auth: client.Basic, FirstParty: true, EveryScope: true, Scopes: scope.Of(scope.All),
	}},
	// It asks people for their passwords itself.
	{"password", client.Client{Grants: []string{"password", token.RefreshType}, Auth: client.Basic, FirstParty: true, EveryScope: true}},
	// It runs in a browser, before there was PKCE.
	{"implicit", client.Client{Grants: []string{"implicit"}, Auth: client.None, EveryScope: true}},
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
