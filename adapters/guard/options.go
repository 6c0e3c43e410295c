package guard

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/ports"
)

// Option changes one thing about a guard.
type Option func(*settings)

// settings are what a guard was told.
type settings struct {
	audience   string
	realm      string
	scopeRule  *scope.Rule
	leeway     time.Duration
	keep       time.Duration // of answers about tokens
	memory     int
	issuer     string
	metadata   *Metadata
	firstParty FirstParty
	transport  http.RoundTripper
	clock      ports.Clock
	log        *slog.Logger
}

const (
	maxLeeway = 5 * time.Minute
	maxKeep   = time.Minute
)

// WithRealm names the protected space in challenges (RFC 9110, 11.5), instead of the audience.
func WithRealm(name string) Option { return func(s *settings) { s.realm = name } }

// WithScopeRule says when a scope opens what needs another one. A server's method Guard sets its own; the other guards learn it from
// the server's metadata unless this is set.
func WithScopeRule(r scope.Rule) Option { return func(s *settings) { s.scopeRule = &r } }

// WithLeeway allows for clocks that differ: 30 s unless set, 5 minutes at most. A guard in the server's process needs none.
func WithLeeway(d time.Duration) Option { return func(s *settings) { s.leeway = d } }

// WithAnswersKept is how long ByIntrospection goes by an answer about a token, and so how long a revoked token may still pass: 5 s unless
// set, a minute at most. 0 asks for every request.
func WithAnswersKept(d time.Duration) Option { return func(s *settings) { s.keep = d } }

// WithMemory is how many tokens are remembered: 10,000 unless set. A token seen before costs no signature check and no question.
func WithMemory(tokens int) Option { return func(s *settings) { s.memory = tokens } }

// WithIssuer names the server that a guard's tokens come from, for what WithMetadata publishes. All but InProcess know it.
func WithIssuer(issuer string) Option { return func(s *settings) { s.issuer = issuer } }

// WithMetadata publishes what clients need to know of the API (RFC 9728), in every challenge and by ProtectedResource.
func WithMetadata(m Metadata) Option { return func(s *settings) { s.metadata = &m } }

// WithTransport reaches the server by other means than http.DefaultTransport: through a proxy, or with another certificate authority.
// Time, size and redirects are bounded whatever it does.
func WithTransport(t http.RoundTripper) Option { return func(s *settings) { s.transport = t } }

// WithClock takes the time from elsewhere: in a test, from the server's clock.
func WithClock(k ports.Clock) Option { return func(s *settings) { s.clock = k } }

// WithLogger writes what went wrong elsewhere than to slog.Default: once for each request that was answered with 503.
func WithLogger(l *slog.Logger) Option { return func(s *settings) { s.log = l } }

func settle(audience string, opts []Option) (settings, error) {
	s := settings{
		audience: audience, realm: audience, leeway: 30 * time.Second, keep: 5 * time.Second, memory: 10_000,
		clock: systemClock{}, log: slog.Default(),
	}
	for _, set := range opts {
		set(&s)
	}
	return s, s.validate()
}

// validate names all that is wrong, in words for a programmer.
func (s settings) validate() error {
	var all []error
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			all = append(all, fmt.Errorf(format, args...))
		}
	}
	add(s.audience == "", "the audience is missing: set it to the name that tokens for this API have in aud")
	add(!quotable(s.realm), "the realm %q must be printable ASCII without quotes and backslashes", s.realm)
	add(s.leeway < 0 || s.leeway > maxLeeway, "the leeway %s must be between 0s and %s", s.leeway, maxLeeway)
	add(s.keep < 0 || s.keep > maxKeep, "answers kept for %s: must be between 0s and %s", s.keep, maxKeep)
	add(s.memory < 1, "the memory must hold a token at least, not %d", s.memory)
	add(s.clock == nil || s.log == nil, "the clock and the logger must not be nil")
	return errors.Join(all...)
}

// quotable reports whether a text can stand in a quoted-string as it is.
func quotable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < 0x20 || r > 0x7e || r == '"' || r == '\\' })
}

type systemClock struct{}

// Now implements ports.Clock.
func (systemClock) Now() time.Time { return time.Now() }

// validURL asks for https, without anything but host and path. http is for this machine alone.
func validURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Opaque != "":
		return nil, fmt.Errorf("%q is not a URL such as https://id.example.com", text)
	case strings.ContainsAny(text, "?#"):
		return nil, fmt.Errorf("%q must not have a query or a fragment", text)
	case u.Scheme == "http" && onLoopback(u), u.Scheme == "https":
		return u, nil
	}
	return nil, fmt.Errorf("%q must use https; http is allowed only on this machine", text)
}

func onLoopback(u *url.URL) bool {
	return slices.Contains([]string{"127.0.0.1", "::1", "localhost"}, u.Hostname())
}
