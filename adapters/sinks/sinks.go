// Package sinks is where a server tells what happens: a log of structured lines.
package sinks

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/gopassport/passport/domain/audit"
)

// Config says how the log is written.
type Config struct {
	LogLevel  string `koanf:"log_level"`  // debug, info, warn or error; info
	LogFormat string `koanf:"log_format"` // json or text; json
}

// DefaultConfig is what a server has that was told nothing.
func DefaultConfig() Config { return Config{LogLevel: "info", LogFormat: "json"} }

// Validate names all that is wrong, in words for an operator.
func (c Config) Validate() error {
	_, err := New(c, io.Discard)
	return err
}

// Logger makes the log of a process, on standard error.
func Logger(c Config) (*slog.Logger, error) { return New(c, os.Stderr) }

// New makes a log on w.
func New(c Config, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if c.LogLevel != "" {
		if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
			return nil, fmt.Errorf("log_level %q is not one of debug, info, warn, error", c.LogLevel)
		}
	}
	o := &slog.HandlerOptions{Level: level}
	switch c.LogFormat {
	case "", "json":
		return slog.New(slog.NewJSONHandler(w, o)), nil
	case "text":
		return slog.New(slog.NewTextHandler(w, o)), nil
	}
	return nil, fmt.Errorf("log_format %q is not one of json, text", c.LogFormat)
}

// Audit is a listener that writes a line for every entry that is worth one.
type Audit struct{ log *slog.Logger }

// NewAudit makes an Audit.
func NewAudit(l *slog.Logger) *Audit { return &Audit{l} }

// Heard implements ports.Listener. Ordinary issuance is left to the request log.
func (a *Audit) Heard(ctx context.Context, e audit.Entry) {
	level := slog.LevelInfo
	switch e.Kind {
	case audit.TokenIssued, audit.TokenRefreshed:
		level = slog.LevelDebug
	case audit.ReplayEnded, audit.RefreshRestored, audit.RefreshRepeated:
		level = slog.LevelWarn
	}
	if !a.log.Enabled(ctx, level) {
		return
	}
	var attrs []slog.Attr
	for _, f := range []struct{ name, value string }{
		{"client", string(e.Client)},
		{"subject", e.Subject.ID},
		{"family", string(e.Family)},
		{"object", e.Object},
		{"reason", e.Reason},
		{"source", e.Source},
	} {
		if f.value != "" {
			attrs = append(attrs, slog.String(f.name, f.value))
		}
	}
	a.log.LogAttrs(ctx, level, string(e.Kind), attrs...)
}
