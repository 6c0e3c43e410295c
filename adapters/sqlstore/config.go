package sqlstore

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Config says which database, and how to use it. URL is required; zero leaves the default of everything else.
type Config struct {
	URL     string `koanf:"database_url"` // postgres://..., postgresql://..., sqlite:path, file:path or a path
	Migrate bool   `koanf:"migrate"`      // bring the schema up to date when the store opens

	MaxConns    int           `koanf:"database_max_conns"`     // connections to PostgreSQL, or readers of a SQLite file
	IdleTime    time.Duration `koanf:"database_idle_time"`     // a connection that nobody used for so long is closed
	Lifetime    time.Duration `koanf:"database_lifetime"`      // a connection is replaced after it; zero never
	NoPlanCache bool          `koanf:"database_no_plan_cache"` // for a pooler that does not carry prepared statements, such as PgBouncer before 1.21

	Clock func() time.Time `koanf:"-"` // for tests: replaces the database's clock
}

// DefaultConfig is what a server has that was told nothing.
func DefaultConfig() Config { return Config{IdleTime: 5 * time.Minute} }

// Validate names all that is wrong, in words for an operator.
func (c Config) Validate() error {
	if c.URL == "" {
		return errors.New("database_url is missing: set it to postgres://... or to a file, such as sqlite:passport.db")
	}
	if !c.known() {
		return errors.New("database_url must begin with postgres://, postgresql://, sqlite: or file:, or be the path of a file")
	}
	if c.MaxConns < 0 || c.IdleTime < 0 || c.Lifetime < 0 {
		return errors.New("database_max_conns, database_idle_time and database_lifetime must not be negative")
	}
	return nil
}

// known reports whether the URL is of a kind that this package opens. A word before a colon is a scheme, and not a file's name:
// mysql:x would otherwise become a new and empty database. The letter of a drive is part of a path.
func (c Config) known() bool {
	scheme, rest, found := strings.Cut(c.URL, ":")
	if !found || strings.Contains(scheme, "/") {
		return true
	}
	drive := len(scheme) == 1 && (strings.HasPrefix(rest, `\`) || strings.HasPrefix(rest, "/"))
	return drive || slices.Contains([]string{"postgres", "postgresql", "sqlite", "file"}, scheme)
}

// Embedded reports whether the database is a SQLite file: it has no program but this one.
func (c Config) Embedded() bool {
	scheme, _, _ := strings.Cut(c.URL, ":")
	return scheme != "postgres" && scheme != "postgresql"
}
