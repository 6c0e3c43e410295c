package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Limits of those who scrape.
const (
	readTimeout  = 5 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute // longer than the minute that some wait between two scrapes
	atOnce       = 4
)

// Start listens, and answers in the background until the function it returns is called. An address that cannot be listened on is an error.
// Where nothing is measured nothing listens.
func (m *Metrics) Start(ctx context.Context) (func(), error) {
	if m.registry == nil {
		return func() {}, nil
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", m.addr)
	if err != nil {
		return nil, fmt.Errorf("listen on metrics_addr: %w", err)
	}
	hs := &http.Server{
		Handler: m.handler(), ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(m.log.Handler(), slog.LevelWarn),
	}
	m.log.Info("listening for metrics", "addr", l.Addr().String())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := hs.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			m.log.Error("metrics are not served any more", "error", err.Error())
		}
	})
	return func() { _ = hs.Close(); serving.Wait() }, nil
}

// handler answers GET /metrics and nothing else.
func (m *Metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: atOnce}))
	return mux
}
