package core

import (
	"github.com/google/wire"

	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/application/clients"
	"github.com/gopassport/passport/application/device"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/firstparty"
	"github.com/gopassport/passport/application/grants/authorizationcode"
	"github.com/gopassport/passport/application/grants/clientcredentials"
	"github.com/gopassport/passport/application/grants/devicecode"
	"github.com/gopassport/passport/application/grants/password"
	"github.com/gopassport/passport/application/grants/refreshtoken"
	"github.com/gopassport/passport/application/housekeeping"
	"github.com/gopassport/passport/application/install"
	"github.com/gopassport/passport/application/introspect"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/application/login"
	"github.com/gopassport/passport/application/metadata"
	"github.com/gopassport/passport/application/ready"
	"github.com/gopassport/passport/application/record"
	"github.com/gopassport/passport/application/resolve"
	"github.com/gopassport/passport/application/revoke"
	"github.com/gopassport/passport/application/roster"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/application/users"
	"github.com/gopassport/passport/ports"
)

// Set is the application. It leaves every port and the four lists open: grants, methods, responders, listeners.
var Set = wire.NewSet(
	configuration, Storage, tokenEndpoint, authorizationEndpoint, tokenState, people, management,
	authorizationcode.New, clientcredentials.New, refreshtoken.New, devicecode.New, password.New, wire.Struct(new(StandardGrants), "*"),
	clientauth.NewSecrets, clientauth.NewBasic, clientauth.NewPost, clientauth.NewNone, wire.Struct(new(StandardMethods), "*"),
	authorize.NewCode, authorize.NewImplicit, wire.Struct(new(StandardResponders), "*"),
)

// Defaults offers the standard lists, and the rules that a team may have of its own.
var Defaults = wire.NewSet(Grants, DefaultsButGrants)

// DefaultsButGrants leaves the list of grants to a binary of one's own.
var DefaultsButGrants = wire.NewSet(Methods, Responders, Skips, Hooks)

// Storage opens a ports.Storage.
var Storage = wire.NewSet(ClientBook, wire.FieldsOf(new(ports.Storage),
	"Ledger", "CodeFinder", "RefreshFinder", "AccessBook", "DeviceBook", "TokenLister", "RequestBook", "ApprovalBook", "ConsentBook", "ClientFinder",
	"OriginLister", "OwnerLister", "PersonalClients", "UserFinder", "UserBook", "SessionBook", "AttemptBook", "KeyBook", "AppKeyBook", "Journal",
	"Purger", "Migrator", "Health"))

// ClientBook makes what changes through it be remembered no more.
func ClientBook(s ports.Storage, k *roster.Clients) ports.ClientBook {
	return roster.NewBook(s.ClientBook, k)
}

var (
	configuration = wire.NewSet(NewParts, wire.FieldsOf(new(Parts),
		"Issue", "Authorize", "CodeLife", "Metadata", "Keys", "Issuer", "Rules", "Sessions", "Catalog", "Grants",
		"Device", "House", "Providers", "Clients", "Personal"))

	tokenEndpoint = wire.NewSet(
		record.New, roster.New, clientauth.New, wire.Struct(new(issue.Tools), "*"), issue.New, wire.Struct(new(exchange.Tools), "*"), Directory,
		exchange.New)

	authorizationEndpoint = wire.NewSet(wire.Struct(new(authorize.Tools), "*"), authorize.New,
		wire.Struct(new(device.Tools), "*"), device.New)

	tokenState = wire.NewSet(
		wire.Struct(new(resolve.Tools), "*"), resolve.New, introspect.New, wire.Struct(new(revoke.Tools), "*"), revoke.New,
		metadata.New, wire.Struct(new(tokens.Tools), "*"), tokens.New, tokens.NewUses)

	people = wire.NewSet(login.NewThrottle, wire.Struct(new(login.PasswordTools), "*"), login.NewPasswords,
		wire.Bind(new(password.People), new(*login.Passwords)), wire.Struct(new(login.Tools), "*"), login.New, wire.Struct(new(users.Tools), "*"), users.New,
		wire.Struct(new(firstparty.Tools), "*"), firstparty.New)

	management = wire.NewSet(
		wire.Struct(new(clients.Tools), "*"), clients.New, wire.Struct(new(keys.Tools), "*"), keys.New, install.New, ready.New,
		housekeeping.New)
)

// StandardGrants are the grants that every server has, and those that are switched on.
type StandardGrants struct {
	Code     *authorizationcode.Grant
	Client   *clientcredentials.Grant
	Refresh  *refreshtoken.Grant
	Device   *devicecode.Grant
	Password *password.Grant
	On       Switches
}

// List lists them.
func (g StandardGrants) List() exchange.Grants {
	all := exchange.Grants{g.Code, g.Client, g.Refresh, g.Device}
	if g.On.Password {
		all = append(all, g.Password)
	}
	return all
}

// StandardMethods authenticate clients.
type StandardMethods struct {
	Basic *clientauth.Basic
	Post  *clientauth.Post
	None  *clientauth.None
}

// List lists them.
func (m StandardMethods) List() clientauth.Methods {
	return clientauth.Methods{m.Basic, m.Post, m.None}
}

// StandardResponders answer authorization requests.
type StandardResponders struct {
	Code     *authorize.Code
	Implicit *authorize.Implicit
	On       Switches
}

// List lists them.
func (r StandardResponders) List() authorize.Responders {
	all := authorize.Responders{r.Code}
	if r.On.Implicit {
		all = append(all, r.Implicit)
	}
	return all
}

// Grants offers the standard ones.
func Grants(g StandardGrants) exchange.Grants { return g.List() }

// Methods offers the standard ones.
func Methods(m StandardMethods) clientauth.Methods { return m.List() }

// Responders offers the standard ones.
func Responders(r StandardResponders) authorize.Responders { return r.List() }

// Skips offers the standard rule of who is not asked for consent.
func Skips() authorize.SkipsConsent { return authorize.FirstParty }

// Hooks leaves the password grant to the directory.
func Hooks() login.Hooks { return login.Hooks{} }
