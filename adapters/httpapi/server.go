// Package httpapi speaks HTTP: it reads requests, calls one use-case each, and writes what comes back. One table names its
// routes, one file turns refusals into answers.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/httpapi/pages"
	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/clients"
	"github.com/gopassport/passport/application/device"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/firstparty"
	"github.com/gopassport/passport/application/introspect"
	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/application/login"
	"github.com/gopassport/passport/application/metadata"
	"github.com/gopassport/passport/application/ready"
	"github.com/gopassport/passport/application/revoke"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/user"
)

// Services are the use-cases HTTP serves. A nil one is neither mounted nor advertised; Metadata is needed always, Authorize and
// Login come together, and Device, Tokens and FirstParty with them. Beside them stands who measures; nil is nobody.
type Services struct {
	Metadata   *metadata.Service
	Exchange   *exchange.Service
	Authorize  *authorize.Service
	Login      *login.Service
	Device     *device.Service
	Tokens     *tokens.Service
	FirstParty *firstparty.Service
	Introspect *introspect.Service
	Revoke     *revoke.Service
	Keys       *keys.Service
	Ready      *ready.Service
	Clients    *clients.Service
	Catalog    scope.Catalog
	Providers  user.Providers
	Meter      Meter
}

// Server is the HTTP surface. It is an http.Handler that mounts anywhere under the issuer's own path.
type Server struct {
	cfg   Config
	place place
	s     Services
	pages *pages.Pages
	log   *slog.Logger
	echo  *echo.Echo
	docs  documents

	gauges *gauges // nil where nobody measures

	leaving    atomic.Bool // it was told to end
	answering  atomic.Int64
	turnedAway atomic.Int64
}

// New mounts every endpoint of the table. It refuses a configuration that Validate refuses.
func New(cfg Config, s Services, log *slog.Logger) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := s.complete(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	at, err := placeOf(s.Metadata.Issuer(), cfg.Prefix)
	if err != nil {
		return nil, err
	}
	srv := &Server{cfg: cfg, place: at, s: s, log: log}
	if srv.pages, err = srv.loadPages(); err != nil {
		return nil, err
	}
	if srv.echo, err = srv.mount(); err != nil {
		return nil, err
	}
	srv.gauges = gaugesOf(s.Meter, srv)
	return srv, nil
}

func (s Services) complete() error {
	switch {
	case s.Metadata == nil || (s.Authorize == nil) != (s.Login == nil):
		return errors.New("httpapi: Services needs Metadata, and Authorize and Login together")
	case s.Authorize == nil && (s.Device != nil || s.Tokens != nil || s.FirstParty != nil):
		return errors.New("httpapi: Device, Tokens and FirstParty need Authorize and Login: they are for people in a browser")
	}
	return nil
}

func (s *Server) loadPages() (*pages.Pages, error) {
	if s.cfg.TemplatesDir == "" {
		return pages.New(nil)
	}
	p, err := pages.New(os.DirFS(s.cfg.TemplatesDir))
	if err != nil {
		return nil, fmt.Errorf("templates_dir: %w", err)
	}
	return p, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// Limits of a connection: a sender that is slow on purpose is let go.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 15 * time.Second
	writeTimeout   = 30 * time.Second
	idleTimeout    = 60 * time.Second
	maxHeaderBytes = 16 << 10
)

// Run listens until ctx ends. Then it leaves: for ShutdownDelay it still serves, but /readyz says no and every answer closes its
// connection, so that whoever spreads the load sends nothing more here; after that requests in flight finish.
func (s *Server) Run(ctx context.Context) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	hs := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	s.log.Info("listening", "addr", l.Addr().String(), "issuer", s.s.Metadata.Issuer())
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		return s.leave(context.WithoutCancel(ctx), hs, failed)
	}
}

func (s *Server) leave(ctx context.Context, hs *http.Server, failed <-chan error) error {
	s.leaving.Store(true)
	s.log.Info("shutting down", "delay", s.cfg.ShutdownDelay.String())
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(*s.cfg.ShutdownDelay):
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.ShutdownTimeout)
	defer cancel()
	if err := hs.Shutdown(ctx); err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}
