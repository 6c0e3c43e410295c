package pgtest

import (
	"slices"
	"testing"
)

func TestWhereTheContainersPortIsLookedFor(t *testing.T) {
	t.Parallel()
	const socket, gateway = "unix:///var/run/docker.sock", "172.17.0.1"
	for _, tc := range []struct {
		name  string
		s     surroundings
		first string   // tried first
		also  []string // and these too, in this order
	}{
		{"Linux", surroundings{daemon: socket, bridgeHere: true, gateway: gateway}, "localhost", []string{"127.0.0.1"}},
		{"Docker Desktop on a Mac", surroundings{daemon: "unix:///Users/ada/.docker/run/docker.sock", desktop: true}, "localhost", []string{"127.0.0.1"}},
		{"Docker Desktop on Windows", surroundings{daemon: "npipe:////./pipe/docker_engine", desktop: true}, "localhost", []string{"127.0.0.1"}},
		{"an engine without root", surroundings{daemon: "unix:///run/user/1000/docker.sock", gateway: gateway}, "localhost", []string{"127.0.0.1"}},
		{"DOCKER_HOST names another machine", surroundings{daemon: "tcp://build.example:2376", inside: true, gateway: gateway}, "build.example", nil},
		{"DOCKER_HOST is an address of IPv6", surroundings{daemon: "tcp://[2001:db8::7]:2375"}, "2001:db8::7", nil},
		{"a service beside a job of CI", surroundings{daemon: "tcp://docker:2375", inside: true}, "docker", nil},
		{"a container with the machine's socket", surroundings{daemon: socket, inside: true, gateway: gateway}, gateway, []string{"host.docker.internal", "localhost"}},
		{"a container with Docker Desktop's socket", surroundings{daemon: socket, inside: true, desktop: true, gateway: gateway}, "host.docker.internal", []string{"localhost", gateway}},
		{"a container of Podman", surroundings{daemon: "unix:///run/podman/podman.sock", inside: true}, "host.docker.internal", []string{"host.containers.internal", "localhost"}},
		{"a machine that looks like a container", surroundings{daemon: socket, inside: true, bridgeHere: true, gateway: gateway}, "localhost", []string{gateway}},
		{"such a one with an engine without root", surroundings{daemon: "unix:///run/user/1000/docker.sock", inside: true, gateway: gateway}, gateway, []string{"localhost"}},
		{"somebody knows better", surroundings{override: "db.test", daemon: "tcp://docker:2375", inside: true, gateway: gateway}, "db.test", nil},
		{"an address that is none", surroundings{daemon: "://"}, "localhost", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := tc.s.hosts()
			if len(got) == 0 || got[0] != tc.first || tc.s.override != "" && len(got) > 1 {
				t.Fatalf("got %q; want %s first", got, tc.first)
			}
			last := 0
			for _, host := range tc.also {
				at := slices.Index(got, host)
				if at <= last {
					t.Errorf("got %q; want %q behind it", got, tc.also)
				}
				last = max(last, at)
			}
			if slices.Contains(got, "") {
				t.Errorf("got %q; want no host without a name", got)
			}
		})
	}
}

func TestTheLibraryIsPutRightWhereItWouldGoWrong(t *testing.T) {
	t.Parallel()
	const socket = "unix:///var/run/docker.sock"
	for _, tc := range []struct {
		name string
		s    surroundings
		want bool
	}{
		{"a machine that looks like a container", surroundings{daemon: socket, inside: true, bridgeHere: true}, true},
		{"a machine that does not", surroundings{daemon: socket, bridgeHere: true}, false},
		{"a real container", surroundings{daemon: socket, inside: true}, false},
		{"an engine on another machine", surroundings{daemon: "tcp://build.example:2376", inside: true, bridgeHere: true}, false},
	} {
		if got := tc.s.mistaken(); got != tc.want {
			t.Errorf("%s: got %v; want %v", tc.name, got, tc.want)
		}
	}
}
