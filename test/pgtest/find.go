package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
)

// errNone means that this machine has no PostgreSQL for us; anything else that goes wrong is a mistake to be mended.
var errNone = errors.New("no PostgreSQL for this test")

// errMistaken means that the environment asks for what cannot be; to use another server instead would hide it.
var errMistaken = errors.New("pgtest was asked for the impossible")

const remedy = "set PASSPORT_TEST_DATABASE_URL to one whose role may create databases, or start Docker, " +
	"or install PostgreSQL's server (Debian: apt-get install postgresql)"

// place is a server that answers.
type place struct {
	url, about string
	stays      string // for how long what is kept there does
	given      bool   // by somebody, and not made for us
}

// machine is what the search for a server looks at.
type machine struct {
	databaseURL   string
	require       requirements
	docker, local func(ctx context.Context, with settings) (place, error)
}

func thisMachine() machine {
	return machine{
		databaseURL: os.Getenv("PASSPORT_TEST_DATABASE_URL"),
		require:     requirements(os.Getenv("PASSPORT_REQUIRE")),
		docker:      startContainer,
		local:       startLocal,
	}
}

// find returns the first server there is. A URL that was given is never passed over in silence.
func (m machine) find(ctx context.Context) (place, error) {
	if m.databaseURL != "" && !m.require.anyOf("docker") {
		return given(m.databaseURL)
	}
	p, noDocker := m.docker(ctx, careless)
	if noDocker == nil || errors.Is(noDocker, errMistaken) {
		return p, noDocker
	}
	if m.require.anyOf("docker") {
		return place{}, fmt.Errorf("%w: PASSPORT_REQUIRE names docker; start Docker, and name an image it has or can pull in PASSPORT_TEST_POSTGRES_IMAGE (%s)", errNone, line(noDocker))
	}
	p, noLocal := m.local(ctx, careless)
	if noLocal == nil {
		p.about += " (Docker: " + line(noDocker) + ")"
		return p, nil
	}
	return place{}, fmt.Errorf("%w: %s (Docker: %s; initdb: %s)", errNone, remedy, line(noDocker), line(noLocal))
}

func given(databaseURL string) (place, error) {
	u, err := url.Parse(databaseURL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return place{}, errors.New("PASSPORT_TEST_DATABASE_URL is not of the form postgres://user:password@host:port/database")
	}
	return place{url: databaseURL, about: "PASSPORT_TEST_DATABASE_URL, at " + u.Host, stays: "until somebody drops it", given: true}, nil
}

// requirements is the list in PASSPORT_REQUIRE.
type requirements string

func (r requirements) anyOf(names ...string) bool {
	return slices.ContainsFunc(strings.Split(string(r), ","), func(have string) bool {
		return slices.Contains(names, strings.TrimSpace(have))
	})
}

// line puts an error on one line, and keeps it short.
func line(err error) string {
	s := strings.Join(strings.Fields(err.Error()), " ")
	if len(s) > 300 {
		s = s[:300] + "..."
	}
	return s
}
