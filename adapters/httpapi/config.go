package httpapi

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"
)

// Config is the HTTP side's. The zero value of each field but Issuer has a good default.
type Config struct {
	Addr            string        `koanf:"addr"`             // to listen on; 127.0.0.1:8080
	Prefix          string        `koanf:"prefix"`           // of every path but the well-known ones; /oauth
	TrustedProxies  []string      `koanf:"trusted_proxies"`  // networks whose X-Forwarded-For is believed; none
	Product         string        `koanf:"product"`          // the name that the pages show; Passport
	TemplatesDir    string        `koanf:"templates_dir"`    // page templates that replace the built-in ones, file by file
	JSONAPI         bool          `koanf:"json_api"`         // people manage their clients and tokens by scripts of this origin; off
	FirstParty      bool          `koanf:"-"`                // scripts of an embedding program's pages call its API by a cookie; off
	RequestTimeout  time.Duration `koanf:"request_timeout"`  // for one request, storage included; 10 s
	MaxRequests     int           `koanf:"max_requests"`     // answered at once; what is more gets 503; 1024
	ShutdownDelay   Delay         `koanf:"shutdown_delay"`   // /readyz says no for so long before the server ends; 5 s, 0s at once
	ShutdownTimeout time.Duration `koanf:"shutdown_timeout"` // for requests in flight once that is over; 20 s
}

// Delay is a duration whose zero means something: nil is the default.
type Delay = *time.Duration

// DefaultConfig is what a server has that was told nothing.
func DefaultConfig() Config { return Config{}.withDefaults() }

func (c Config) withDefaults() Config {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:8080"
	}
	if c.Prefix == "" {
		c.Prefix = "/oauth"
	}
	if c.Product == "" {
		c.Product = "Passport"
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = 10 * time.Second
	}
	if c.MaxRequests == 0 {
		c.MaxRequests = 1024
	}
	if c.ShutdownDelay == nil {
		// Long enough for a load balancer to look twice, and with the timeout below less than the 30 s after which Kubernetes kills.
		delay := 5 * time.Second
		c.ShutdownDelay = &delay
	}
	if c.ShutdownTimeout == 0 {
		c.ShutdownTimeout = 20 * time.Second
	}
	return c
}

// Validate names all that is wrong, in words for an operator.
func (c Config) Validate() error {
	c = c.withDefaults()
	var all []error
	if !strings.HasPrefix(c.Prefix, "/") || strings.HasSuffix(c.Prefix, "/") || strings.ContainsAny(c.Prefix, "?#:*") {
		all = append(all, fmt.Errorf("prefix %q must begin with a slash and not end with one", c.Prefix))
	}
	if c.MaxRequests < 0 {
		all = append(all, errors.New("max_requests must not be negative"))
	}
	if c.RequestTimeout < 0 || *c.ShutdownDelay < 0 || c.ShutdownTimeout < 0 {
		all = append(all, errors.New("request_timeout, shutdown_delay and shutdown_timeout must not be negative"))
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		all = append(all, fmt.Errorf("addr %q is not host:port, such as 127.0.0.1:8080 or :8080", c.Addr))
	}
	_, err := c.proxies()
	return errors.Join(append(all, c.templates(), err)...)
}

// templates refuses a place without templates now, for an operator looks at what Validate says before a server starts.
func (c Config) templates() error {
	if c.TemplatesDir == "" {
		return nil
	}
	at, err := os.Stat(c.TemplatesDir)
	if err != nil {
		return fmt.Errorf("templates_dir: %w", err)
	}
	if !at.IsDir() {
		return fmt.Errorf("templates_dir: %s is not a directory", c.TemplatesDir)
	}
	return nil
}

func (c Config) proxies() ([]netip.Prefix, error) {
	nets := make([]netip.Prefix, len(c.TrustedProxies))
	for i, text := range c.TrustedProxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("trusted_proxies: %q is not a network such as 10.0.0.0/8", text)
		}
		nets[i] = p
	}
	return nets, nil
}

// place is where the server is mounted, as the issuer says and no request can change.
type place struct {
	origin string // scheme and host of the issuer
	base   string // path of the issuer, without a slash at the end
	prefix string
	secure bool
}

func placeOf(issuer, prefix string) (place, error) {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" {
		return place{}, fmt.Errorf("issuer %q is not a URL", issuer)
	}
	return place{u.Scheme + "://" + u.Host, strings.TrimSuffix(u.Path, "/"), prefix, u.Scheme == "https"}, nil
}

// path returns the path of an endpoint on this server.
func (p place) path(tail string) string { return p.base + p.prefix + tail }

// url returns the URL of an endpoint as the outside knows it.
func (p place) url(path string) string { return p.origin + path }
