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

// findEngine finds out whether a Docker engine answers, and what matters of how it and this process stand to each other.
func findEngine(ctx context.Context) (surroundings, error) {
	provider, err := engine()
	if err != nil {
		return surroundings{}, err
	}
	defer provider.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := provider.Health(ctx); err != nil {
		return surroundings{}, err
	}
	s := look(ctx, provider.Client())
	if s.override == "" && s.mistaken() {
		return s, os.Setenv(hostOverride, "localhost") // for what testcontainers-go itself reaches: Ryuk
	}
	return s, nil
}

func engine() (*testcontainers.DockerProvider, error) {
	return testcontainers.NewDockerProvider(testcontainers.Generic2DockerOptions(testcontainers.WithLogger(log.NewNoopLogger()))...)
}

// look gathers what can be known; what can't is left out, for reaching the container will show.
func look(ctx context.Context, c client.APIClient) surroundings {
	s := surroundings{override: os.Getenv(hostOverride), daemon: c.DaemonHost(), inside: exists("/.dockerenv") || exists("/run/.containerenv")}
	if info, err := c.Info(ctx, client.InfoOptions{}); err == nil {
		s.desktop = strings.Contains(info.Info.OperatingSystem, "Docker Desktop")
	}
	bridge, err := c.NetworkInspect(ctx, testcontainers.Bridge, client.NetworkInspectOptions{})
	if err != nil {
		return s
	}
	for _, pool := range bridge.Network.IPAM.Config {
		if pool.Gateway.Is4() {
			s.gateway = pool.Gateway.String()
		}
	}
	_, err = net.InterfaceByName(bridge.Network.Options["com.docker.network.bridge.name"])
	s.bridgeHere = err == nil
	return s
}

func exists(path string) bool {
	_, err := os.Stat(path)
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
