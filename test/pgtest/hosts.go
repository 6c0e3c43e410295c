package pgtest

import (
	"net/url"
	"strings"
)

const hostOverride = "TESTCONTAINERS_HOST_OVERRIDE"

// surroundings are how this process and the Docker engine stand to each other.
type surroundings struct {
	override   string // TESTCONTAINERS_HOST_OVERRIDE
	daemon     string // the engine's address, such as unix:///var/run/docker.sock
	inside     bool   // this process seems to run in a container
	bridgeHere bool   // the network of the engine's containers is one of this machine's own
	desktop    bool   // the engine is Docker Desktop's, in a virtual machine
	gateway    string // of the engine's network
}

// hosts are where a port that the engine publishes may be reached, the likeliest first. Signs can be wrong: a machine may look like a
// container and be none, and an engine without root has a network that nobody sees. So each is tried until one answers.
func (s surroundings) hosts() []string {
	if s.override != "" {
		return []string{s.override}
	}
	if host := s.elsewhere(); host != "" {
		return []string{host}
	}
	here := []string{"localhost", "127.0.0.1"} // the second for an engine that publishes on IPv4 alone
	switch {
	case !s.inside:
		return here
	case s.bridgeHere:
		return s.withGateway(here...)
	case s.desktop:
		return append([]string{"host.docker.internal"}, s.withGateway(here...)...)
	}
	// The engine of the machine that this container runs on; or this machine's, which looks like a container, and whose engine has no root.
	return append(s.withGateway(), append([]string{"host.docker.internal", "host.containers.internal"}, here...)...)
}

// elsewhere is the host of an engine that is asked over a network: it publishes there.
func (s surroundings) elsewhere() string {
	u, err := url.Parse(s.daemon)
	if err != nil || u.Scheme == "unix" || u.Scheme == "npipe" {
		return ""
	}
	return u.Hostname()
}

func (s surroundings) withGateway(hosts ...string) []string {
	if s.gateway == "" {
		return hosts
	}
	return append(hosts, s.gateway)
}

// mistaken says that testcontainers-go, which takes a machine with a /.dockerenv for a container, would look for the engine's ports behind
// the gateway, although the engine runs here.
func (s surroundings) mistaken() bool {
	return s.inside && s.bridgeHere && strings.HasPrefix(s.daemon, "unix:")
}
