package cli

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"

	"github.com/gopassport/passport/adapters/cli/settings"
)

// devAddr is where the development server listens if nobody says otherwise.
const devAddr = "127.0.0.1:8080"

const devScopes = "orders:read=See your orders,orders:write=Create and change orders,profile=See your name"

// devSettings puts what a development server needs below file and environment, and settles where it listens. It refuses an
// address that others could reach, and the settings of another server, before anything is made or opened.
func (s *shell) devSettings(data devData, in settings.Input) (settings.Input, string, error) {
	in.Base["addr"], in.Base["issuer"] = devAddr, "http://"+devAddr
	l, _ := s.load(in) // what is wrong is told when the app is opened
	if err := onThisMachine(l.Settings); err != nil {
		return in, "", err
	}
	if err := metricsOnThisMachine(l.Text("metrics_addr")); err != nil {
		return in, "", err
	}
	addr, err := loopback(l.Text("addr"))
	if err != nil {
		return in, "", err
	}
	if err := data.make(); err != nil {
		return in, "", err
	}
	appKey, err := data.appKey()
	if err != nil {
		return in, "", err
	}
	in.Base = map[string]string{
		"addr": addr, "issuer": "http://" + addr, "migrate": "true", "scopes": devScopes, "app_key": appKey,
		"database_url": "sqlite:" + data.path("passport.db"), "keys_dir": data.path("keys"),
		"log_format": "text", "log_level": "warn", "shutdown_delay": "0s", // nobody stands in front of it
	}
	if addr != l.Text("addr") && l.Has("addr") { // port 0 was given, wherever that was
		in.Flag["addr"] = addr
	}
	return in, addr, nil
}

// loopback refuses an address that anybody but this machine could reach, or that is taken, and settles the port.
func loopback(addr string) (string, error) {
	if addr == "" {
		addr = devAddr
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return "", usage("--addr %q is not host:port", addr)
	}
	if !local(host) {
		f := usage("--addr %s: the development server has a demo user and works without TLS, so it listens on this machine only", addr)
		f.hint = "use 127.0.0.1, [::1] or localhost; passport serve is for everybody else"
		return "", f
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", cannotListen(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "", fmt.Errorf("read address: %w", err)
	}
	return net.JoinHostPort(host, port), l.Close()
}

// metricsOnThisMachine refuses an address that anybody but this machine could reach. What is no address at all is told when the app is opened.
func metricsOnThisMachine(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || local(host) {
		return nil
	}
	f := usage("metrics_addr %s: the development server listens on this machine only", addr)
	f.hint = "use 127.0.0.1, [::1] or localhost; passport serve is for everybody else"
	return f
}

func cannotListen(err error) failure {
	f := failure{exitFailed, "cannot_listen", fmt.Sprintf("cannot listen: %s", err), "--addr 127.0.0.1:0 takes a free port", err}
	if taken(err) {
		f.code, f.hint = "address_in_use", "is it running already? "+f.hint
	}
	return f
}

func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// onThisMachine refuses settings made for a server that is not for development: its database would get demo accounts.
func onThisMachine(found settings.Settings) error {
	u, err := url.Parse(found.Text("issuer"))
	if !found.Has("issuer") || err == nil && u.Scheme == "http" && local(u.Hostname()) {
		return nil
	}
	f := usage("%s sets the issuer %s, and dev is for this machine only: it would put demo accounts into the database of that server", found.Source("issuer"), found.Text("issuer"))
	f.hint = "run passport serve, or passport dev in a directory and environment without these settings"
	return f
}
