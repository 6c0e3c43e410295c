package pgtest

import (
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

const role = "passport"

// What the environment says of the container.
const (
	imageVar = "PASSPORT_TEST_POSTGRES_IMAGE"
	reuseVar = "PASSPORT_TEST_POSTGRES_REUSE"
)

// settings are those of a server.
type settings []string

// A server of tests holds nothing that a power cut may not take, and several test binaries share it.
var careless = settings{"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=500"}

// expire runs the image's server, looks every few seconds whether it has a client, and ends it after so many looks without.
//
//go:embed expire.sh
var expire string

// shared is the container that all test binaries on a machine use.
type shared struct {
	image     string
	settings  settings
	lookEvery time.Duration
	idleLooks int
	hosts     []string // where its port may be
}

func startContainer(ctx context.Context, with settings) (p place, err error) {
	defer func() {
		if r := recover(); r != nil { // testcontainers-go panics where it finds no engine to ask
			err = fmt.Errorf("%v", r)
		}
	}()
	asked, err := wanted(os.Getenv)
	if err != nil {
		return place{}, err
	}
	around, err := findEngine(ctx)
	if err != nil {
		return place{}, err
	}
	asked.hosts, asked.settings = around.hosts(), with
	return asked.join(ctx)
}

// wanted is the container that the environment asks for.
func wanted(getenv func(string) string) (shared, error) {
	const every = 5 * time.Second
	stay := 2 * time.Minute
	if text := getenv(reuseVar); text != "" {
		var err error
		if stay, err = time.ParseDuration(text); err != nil || stay < every {
			return shared{}, fmt.Errorf("%w: %s=%s is not how long a container waits for its next client, such as 8h, and at least %s", errMistaken, reuseVar, text, every)
		}
	}
	return shared{
		image: cmp.Or(getenv(imageVar), "postgres:17-alpine"), lookEvery: every, idleLooks: int(stay / every),
	}, nil
}

// join uses the container that is running, or starts it. It may expire between being found and being used: the next
// try then starts another.
func (s shared) join(ctx context.Context) (place, error) {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute) // the image may have to be pulled
	defer cancel()
	for try := 1; ; try++ {
		p, err := s.run(ctx)
		if err == nil {
			return p, nil
		}
		discard(context.WithoutCancel(ctx), s.name())
		if try == 3 || errors.Is(err, context.DeadlineExceeded) {
			return place{}, err
		}
	}
}

func (s shared) run(ctx context.Context) (place, error) {
	c, err := testcontainers.Run(ctx, s.image,
		testcontainers.WithLogger(log.NewNoopLogger()),
		testcontainers.WithReuseByName(s.name()),
		testcontainers.WithHostConfigModifier(func(hc *container.HostConfig) {
			hc.AutoRemove = true
			hc.ShmSize = 256 << 20
		}),
		testcontainers.WithEnv(map[string]string{"POSTGRES_USER": role, "POSTGRES_PASSWORD": role, "POSTGRES_DB": role}),
		testcontainers.WithEntrypoint(s.entrypoint()...),
		testcontainers.WithCmd(append([]string{"postgres"}, s.settings...)...),
		testcontainers.WithExposedPorts("5432/tcp"),
	)
	if err != nil {
		return place{}, err
	}
	port, err := c.MappedPort(ctx, "5432/tcp")
	if err != nil {
		return place{}, err
	}
	urls := make([]string, len(s.hosts))
	for i, host := range s.hosts {
		urls[i] = address(host, port)
	}
	u, err := reach(ctx, urls, func(ctx context.Context) error { return ended(ctx, c) })
	if err != nil {
		return place{}, err
	}
	return place{
		url: u, about: fmt.Sprintf("Docker, image %s, container %s", s.image, s.name()),
		stays: fmt.Sprintf("until its container has had no client for %s: %s", s.lookEvery*time.Duration(s.idleLooks), reuseVar),
	}, nil
}

// ended tells why a container never will answer.
func ended(ctx context.Context, c testcontainers.Container) error {
	state, err := c.State(ctx)
	if err == nil && !state.Running {
		return fmt.Errorf("the container ended with status %d: docker logs %s", state.ExitCode, c.GetContainerID())
	}
	return err
}

func (s shared) entrypoint() []string {
	return []string{"sh", "-c", expire, "expire", strconv.Itoa(int(s.lookEvery.Seconds())), strconv.Itoa(s.idleLooks)}
}

// name is another for every other way to run the container. Ryuk removes what a session leaves: with it, each session has its own.
func (s shared) name() string {
	parts := slices.Concat([]string{s.image, role}, s.entrypoint(), s.settings)
	if os.Getenv("TESTCONTAINERS_RYUK_DISABLED") != "true" {
		parts = append(parts, testcontainers.SessionID())
	}
	return fmt.Sprintf("passport-pgtest-%x", sha256.Sum256(fmt.Append(nil, parts)))[:28]
}

func address(host string, port network.Port) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(role, role), Path: "/" + role, RawQuery: "sslmode=disable",
		Host: net.JoinHostPort(host, port.Port()),
	}
	return u.String()
}
