// Package core names the application's parts for Wire and holds their configuration. It knows no adapter, so that a team's own
// binary is built of it without linking ours.
package core

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/scope"
)

// Config is the application's. Issuer has no default; the zero value of every other field has a good one.
type Config struct {
	Issuer           string               `koanf:"issuer"`                     // the URL that clients know the server by (RFC 8414, 2)
	Scopes           []Scope              `koanf:"scopes"`                     // what may be asked for
	DefaultScopes    []string             `koanf:"default_scopes"`             // granted where a request names none
	InheritedScopes  bool                 `koanf:"inherited_scopes"`           // orders stands for orders:read too
	UserProviders    []string             `koanf:"user_providers"`             // sets of people beside the default one, such as staff
	Grants           Switches             `koanf:"grants"`                     // legacy ones, off unless switched on
	SigningAlgorithm string               `koanf:"signing_algorithm"`          // of new keys: ES256, EdDSA, RS256 or PS256
	AccessTokenLife  time.Duration        `koanf:"access_token_life"`          // 1 h
	CodeLife         time.Duration        `koanf:"code_life"`                  // 60 s, at most 10 min
	RefreshIdle      time.Duration        `koanf:"refresh_idle"`               // without use, a refresh token dies: 30 d
	RefreshLife      time.Duration        `koanf:"refresh_life"`               // however used, it dies: 90 d
	RefreshGrace     Grace                `koanf:"refresh_grace"`              // the previous refresh token is answered again for so long: 10 s; 0s never
	SessionIdle      time.Duration        `koanf:"session_idle"`               // 12 h
	SessionLife      time.Duration        `koanf:"session_life"`               // 7 d
	RequestLife      time.Duration        `koanf:"request_life"`               // a person has so long to sign in and decide: 30 min
	DeviceCodeLife   time.Duration        `koanf:"device_code_life"`           // 10 min, at most 1 h
	DeviceInterval   time.Duration        `koanf:"device_interval"`            // a device may poll so often: 5 s
	PersonalLife     time.Duration        `koanf:"personal_access_token_life"` // where its owner sets none: 1 year
	Lifetimes        map[string]Lifetimes `koanf:"lifetimes"`                  // by grant type, such as client_credentials; a client's own go before
	PurgeEvery       Pause                `koanf:"purge_every"`                // what is dead is removed so often: 1 h; 0s never
	PurgeAfter       Pause                `koanf:"purge_after"`                // what is dead stays so long: 168 h
}

// Switches turn on what OAuth 2.1 has dropped.
type Switches struct {
	Password bool `koanf:"password"`
	Implicit bool `koanf:"implicit"`
}

// Legacy names what is switched on.
func (s Switches) Legacy() []string {
	var on []string
	if s.Password {
		on = append(on, "password")
	}
	if s.Implicit {
		on = append(on, "implicit")
	}
	return on
}

// Lifetimes are those of one grant type; zero leaves the server's.
type Lifetimes struct {
	Access  time.Duration `koanf:"access_token_life"`
	Refresh time.Duration `koanf:"refresh_life"`
}

// Scope is a scope and the words a person reads on the consent page.
type Scope struct {
	Name        string `koanf:"name"`
	Description string `koanf:"description"`
	Optional    bool   `koanf:"optional"` // a person may refuse it and allow the rest
}

// Grace is a duration whose zero means something: nil is the default.
type Grace = *time.Duration

// Pause is another.
type Pause = *time.Duration

const (
	maxCodeLife   = 10 * time.Minute // RFC 6749, 4.1.2
	maxDeviceLife = time.Hour
)

// DefaultConfig is what a server has that was told nothing; an issuer it must be told.
func DefaultConfig() Config { return Config{}.withDefaults() }

func (c Config) withDefaults() Config {
	for at, fallback := range map[*time.Duration]time.Duration{
		&c.AccessTokenLife: time.Hour, &c.CodeLife: time.Minute, &c.RefreshIdle: 30 * day, &c.RefreshLife: 90 * day,
		&c.SessionIdle: 12 * time.Hour, &c.SessionLife: 7 * day, &c.RequestLife: 30 * time.Minute,
		&c.DeviceCodeLife: 10 * time.Minute, &c.DeviceInterval: 5 * time.Second, &c.PersonalLife: 365 * day,
	} {
		if *at == 0 {
			*at = fallback
		}
	}
	for at, fallback := range map[**time.Duration]time.Duration{
		&c.RefreshGrace: 10 * time.Second, &c.PurgeEvery: time.Hour, &c.PurgeAfter: 168 * time.Hour,
	} {
		if *at == nil {
			*at = &fallback
		}
	}
	if c.SigningAlgorithm == "" {
		c.SigningAlgorithm = string(key.ES256)
	}
	return c
}

const day = 24 * time.Hour

// Validate names all that is wrong, in words for an operator.
func (c Config) Validate() error {
	c = c.withDefaults()
	all := []error{validIssuer(c.Issuer)}
	if _, err := key.ParseAlgorithm(c.SigningAlgorithm); err != nil {
		all = append(all, fmt.Errorf("signing_algorithm %q is not one of ES256, EdDSA, RS256, PS256", c.SigningAlgorithm))
	}
	for name, life := range map[string]time.Duration{
		"access_token_life": c.AccessTokenLife, "code_life": c.CodeLife, "refresh_idle": c.RefreshIdle, "refresh_life": c.RefreshLife,
		"session_idle": c.SessionIdle, "session_life": c.SessionLife, "request_life": c.RequestLife,
		"device_code_life": c.DeviceCodeLife, "device_interval": c.DeviceInterval, "personal_access_token_life": c.PersonalLife,
	} {
		if life < time.Second || life > 10*365*day {
			all = append(all, fmt.Errorf("%s %s must be between a second and ten years", name, life))
		}
	}
	if c.CodeLife > maxCodeLife {
		all = append(all, fmt.Errorf("code_life %s must be at most %s", c.CodeLife, maxCodeLife))
	}
	if *c.RefreshGrace < 0 || *c.RefreshGrace > 5*time.Minute {
		all = append(all, fmt.Errorf("refresh_grace %s must be between 0s and 5m", *c.RefreshGrace))
	}
	if c.DeviceCodeLife > maxDeviceLife {
		all = append(all, fmt.Errorf("device_code_life %s must be at most %s", c.DeviceCodeLife, maxDeviceLife))
	}
	if c.DeviceInterval > c.DeviceCodeLife {
		all = append(all, fmt.Errorf("device_interval %s must be shorter than device_code_life %s", c.DeviceInterval, c.DeviceCodeLife))
	}
	if *c.PurgeEvery < 0 || *c.PurgeAfter < 0 {
		all = append(all, errors.New("purge_every and purge_after must not be negative"))
	}
	all = append(all, c.validLifetimes()...)
	all = append(all, c.validProviders()...)
	slices.SortStableFunc(all, func(a, b error) int { return strings.Compare(text(a), text(b)) })
	return errors.Join(append(all, c.validScopes()...)...)
}

func (c Config) validLifetimes() []error {
	var all []error
	for grantType, l := range c.Lifetimes {
		if !(client.Lives{Access: l.Access, Refresh: l.Refresh}).Valid() {
			all = append(all, fmt.Errorf("lifetimes of %s must be between a second and ten years", grantType))
		}
	}
	return all
}

func (c Config) validProviders() []error {
	var all []error
	for i, p := range c.UserProviders {
		if p == "" || !client.ValidProvider(p) || slices.Contains(c.UserProviders[:i], p) {
			all = append(all, fmt.Errorf("user_providers: %q must be lower-case letters, digits and dashes, and stand there once", p))
		}
	}
	return all
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (c Config) validScopes() []error {
	var all []error
	names := c.catalog().Names()
	for i, s := range c.Scopes {
		if s.Name == scope.All {
			all = append(all, errors.New("scopes: * is no scope of a catalog: register clients for it"))
		}
		if !scope.ValidToken(s.Name) {
			all = append(all, fmt.Errorf("scopes: %q is not a scope: printable characters without spaces, quotes and backslashes", s.Name))
		}
		if slices.ContainsFunc(c.Scopes[:i], func(o Scope) bool { return o.Name == s.Name }) {
			all = append(all, fmt.Errorf("scopes: %q is listed twice", s.Name))
		}
	}
	for _, d := range c.DefaultScopes {
		if !names.Has(d) {
			all = append(all, fmt.Errorf("default_scopes: %q is not among scopes", d))
		}
	}
	return all
}

// validIssuer applies RFC 8414, 2: https without query and fragment. http is for this machine alone.
func validIssuer(issuer string) error {
	if issuer == "" {
		return errors.New("issuer is missing: set it to the URL that clients know this server by, such as https://id.example.com")
	}
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return fmt.Errorf("issuer %q is not a URL such as https://id.example.com", issuer)
	case strings.ContainsAny(issuer, "?#"):
		return fmt.Errorf("issuer %q must not have a query or a fragment", issuer)
	case strings.HasSuffix(issuer, "/"):
		return fmt.Errorf("issuer %q must not end with a slash", issuer)
	case u.Scheme == "http" && slices.Contains([]string{"127.0.0.1", "::1", "localhost"}, u.Hostname()):
		return nil
	case u.Scheme != "https":
		return fmt.Errorf("issuer %q must use https; http is allowed only on this machine", issuer)
	}
	return nil
}

func (c Config) catalog() scope.Catalog {
	k := scope.Catalog{Defaults: scope.Of(c.DefaultScopes...), Rule: scope.Rule{Inherits: c.InheritedScopes}}
	for _, s := range c.Scopes {
		k.Scopes = append(k.Scopes, scope.Definition(s))
	}
	return k
}
