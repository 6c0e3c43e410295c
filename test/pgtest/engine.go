package pgtest

import (
	"context"
	"net"
	"os"
	"strings"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

const hostOverride = "TESTCONTAINERS_HOST_OVERRIDE"

// findEngine finds out whether a Docker engine answers.
func findEngine(ctx context.Context) error {
	provider, err := engine()
	if err != nil {
		return err
	}
	defer provider.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := provider.Health(ctx); err != nil {
		return err
	}
	if _, set := os.LookupEnv(hostOverride); !set && besideEngine(ctx, provider.Client()) {
		return os.Setenv(hostOverride, "localhost")
	}
	return nil
}

func engine() (*testcontainers.DockerProvider, error) {
	return testcontainers.NewDockerProvider(testcontainers.Generic2DockerOptions(testcontainers.WithLogger(log.NewNoopLogger()))...)
}

// besideEngine says that testcontainers-go would take this machine for a container, for it has a /.dockerenv, but that the
// engine runs here: its bridge is among our own interfaces. Ports are then published on localhost.
func besideEngine(ctx context.Context, c client.APIClient) bool {
	if _, err := os.Stat("/.dockerenv"); err != nil || !strings.HasPrefix(c.DaemonHost(), "unix:") {
		return false
	}
	bridge, err := c.NetworkInspect(ctx, testcontainers.Bridge, client.NetworkInspectOptions{})
	if err != nil {
		return false
	}
	_, err = net.InterfaceByName(bridge.Network.Options["com.docker.network.bridge.name"])
	return err == nil
}

// discard removes a container that was made and could not be started; one that runs is left alone.
func discard(ctx context.Context, name string) {
	provider, err := engine()
	if err != nil {
		return
	}
	defer provider.Close()
	_, _ = provider.Client().ContainerRemove(ctx, name, client.ContainerRemoveOptions{RemoveVolumes: true})
}
