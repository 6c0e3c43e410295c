package pgtest

import (
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
	"github.com/testcontainers/testcontainers-go/wait"
)

const role = "passport"

// This server holds nothing that a power cut may not take, and several test binaries share it.
var settings = []string{"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=500"}

// expire runs the image's server, looks every few seconds whether it has a client, and ends it after so many looks without.
//
//go:embed expire.sh
var expire string

// shared is the container that all test binaries on a machine use.
type shared struct {
	image     string
	lookEvery time.Duration
	idleLooks int
}

func startContainer(ctx context.Context) (p place, err error) {
	defer func() {
		if r := recover(); r != nil { // testcontainers-go panics where it finds no engine to ask
			err = fmt.Errorf("%v", r)
		}
	}()
	if err := findEngine(ctx); err != nil {
		return place{}, err
	}
	image := os.Getenv("PASSPORT_TEST_POSTGRES_IMAGE")
	if image == "" {
		image = "postgres:17-alpine"
	}
	return shared{image: image, lookEvery: 5 * time.Second, idleLooks: 24}.join(ctx)
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
		testcontainers.WithCmd(append([]string{"postgres"}, settings...)...),
		testcontainers.WithExposedPorts("5432/tcp"),
		// The log says "ready" once or twice, depending on the image; a query that is answered says it of every image.
		testcontainers.WithWaitStrategyAndDeadline(time.Minute, wait.ForSQL("5432/tcp", "pgx", address).WithPollInterval(50*time.Millisecond)),
	)
	if err != nil {
		return place{}, err
	}
	host, err := c.Host(ctx)
	if err != nil {
		return place{}, err
	}
	port, err := c.MappedPort(ctx, "5432/tcp")
	if err != nil {
		return place{}, err
	}
	return place{url: address(host, port), about: fmt.Sprintf("Docker, image %s, container %s", s.image, s.name())}, nil
}

func (s shared) entrypoint() []string {
	return []string{"sh", "-c", expire, "expire", strconv.Itoa(int(s.lookEvery.Seconds())), strconv.Itoa(s.idleLooks)}
}

// name is another for every other way to run the container. Ryuk removes what a session leaves: with it, each session has its own.
func (s shared) name() string {
	parts := slices.Concat([]string{s.image, role}, s.entrypoint(), settings)
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
