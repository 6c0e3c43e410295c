package bootstrap

import (
	"context"
	"log/slog"

	"github.com/gopassport/passport/adapters/argon2"
	"github.com/gopassport/passport/adapters/metrics"
	"github.com/gopassport/passport/adapters/sinks"
	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/login"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/ports"
)

// Option changes one part.
type Option func(*options)

type options struct {
	grants     exchange.Grants
	methods    clientauth.Methods
	responders authorize.Responders
	listeners  issue.Listeners
	storage    *ports.Storage
	users      ports.UserFinder
	passwords  ports.PasswordChecker
	skips      authorize.SkipsConsent
	hooks      login.Hooks
	log        *slog.Logger
	registerer metrics.Registerer
}

// WithGrant adds a grant.
func WithGrant(g exchange.Grant) Option { return func(o *options) { o.grants = append(o.grants, g) } }

// WithMethod adds a way for clients to authenticate.
func WithMethod(m clientauth.Method) Option {
	return func(o *options) { o.methods = append(o.methods, m) }
}

// WithResponder adds a response_type.
func WithResponder(r authorize.Responder) Option {
	return func(o *options) { o.responders = append(o.responders, r) }
}

// WithListener adds one that hears of what was committed.
func WithListener(l ports.Listener) Option {
	return func(o *options) { o.listeners = append(o.listeners, l) }
}

// WithUsers keeps people in a directory of yours; the built-in one is not asked any more.
func WithUsers(f ports.UserFinder, c ports.PasswordChecker) Option {
	return func(o *options) { o.users, o.passwords = f, c }
}

// WithConsentRule replaces the rule of who is not asked for consent: authorize.FirstParty. It is asked for no native client.
func WithConsentRule(r authorize.SkipsConsent) Option { return func(o *options) { o.skips = r } }

// WithPasswordHooks replaces how the password grant finds and checks people.
func WithPasswordHooks(h login.Hooks) Option { return func(o *options) { o.hooks = h } }

// WithStorage keeps everything in a storage of yours; no database is opened.
func WithStorage(p ports.Storage) Option { return func(o *options) { o.storage = &p } }

// WithLogger writes the log elsewhere than to slog.Default.
func WithLogger(l *slog.Logger) Option { return func(o *options) { o.log = l } }

// WithMetrics counts what the server does in a registry of yours, until Close; their names begin with passport_. Go's own metrics and those
// of the process are yours to add. A registry takes one server; for several, wrap it with a label for each (prometheus.WrapRegistererWith).
func WithMetrics(r metrics.Registerer) Option { return func(o *options) { o.registerer = r } }

func grants(std core.StandardGrants, o options) exchange.Grants {
	return append(std.List(), o.grants...)
}

func methods(std core.StandardMethods, o options) clientauth.Methods {
	return append(std.List(), o.methods...)
}

func responders(std core.StandardResponders, o options) authorize.Responders {
	return append(std.List(), o.responders...)
}

func listeners(o options, a *sinks.Audit, m *metrics.Metrics) issue.Listeners {
	return append(append(issue.Listeners{a}, m.Listeners()...), o.listeners...)
}

func skips(o options) authorize.SkipsConsent {
	if o.skips != nil {
		return o.skips
	}
	return core.Skips()
}

func hooks(o options) login.Hooks { return o.hooks }

func logger(o options) *slog.Logger { return o.log }

func registerer(o options) metrics.Registerer { return o.registerer }

func passwords(o options, h *argon2.Hasher) ports.PasswordChecker {
	if o.passwords != nil {
		return o.passwords
	}
	return h
}

// opened is a storage, and what it tells of itself, if it tells anything.
type opened struct {
	Ports ports.Storage
	Tells metrics.Storage
}

// storage opens the database, unless another storage was given.
func storage(ctx context.Context, c sqlstore.Config, o options) (opened, func(), error) {
	if o.storage != nil {
		return opened{withUsers(*o.storage, o), metrics.NoStorage()}, func() {}, nil
	}
	s, done, err := sqlstore.Open(ctx, c)
	if err != nil {
		return opened{}, nil, err
	}
	return opened{withUsers(sqlstore.Ports(s), o), s}, done, nil
}

func withUsers(p ports.Storage, o options) ports.Storage {
	if o.users != nil {
		p.UserFinder = o.users
	}
	return p
}
