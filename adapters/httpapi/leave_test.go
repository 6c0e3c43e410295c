package httpapi_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
)

// held is storage that keeps whoever looks for a client waiting.
type held struct {
	ports.ClientFinder
	arrived, release chan struct{}
}

func (h held) FindClient(ctx context.Context, id client.ID) (client.Client, error) {
	h.arrived <- struct{}{}
	<-h.release
	return h.ClientFinder.FindClient(ctx, id)
}

func TestAnEndIsToldBeforeItComes(t *testing.T) {
	t.Parallel()
	const delay = 400 * time.Millisecond
	storage := held{arrived: make(chan struct{}, 1), release: make(chan struct{})}
	addr, stop, ended := runServer(t, delay, passporttest.Wrapping(func(s ports.Storage) ports.Storage {
		storage.ClientFinder = s.ClientFinder
		s.ClientFinder = storage
		return s
	}))
	var keeps http.Client // its connections
	if res := get(t, &keeps, addr+"/readyz"); res.StatusCode != http.StatusOK || res.Close {
		t.Fatalf("got %d, closing: %v; want a server that is ready", res.StatusCode, res.Close)
	}
	slow := make(chan *http.Response, 1)
	go func() {
		res, _ := http.Post(addr+"/oauth/token", "application/x-www-form-urlencoded",
			strings.NewReader("grant_type=client_credentials&client_id=0198f3c0-0000-7000-8000-000000000000&client_secret=x"))
		slow <- res
	}()
	<-storage.arrived
	told := time.Now()
	stop()
	for get(t, &http.Client{Transport: &http.Transport{}}, addr+"/readyz").StatusCode == http.StatusOK {
		if time.Since(told) > delay {
			t.Fatal("/readyz never said that the end is near")
		}
	}
	if res := get(t, &keeps, addr+"/livez"); res.StatusCode != http.StatusOK || !res.Close {
		t.Errorf("got %d, closing: %v; want an answer that ends its connection", res.StatusCode, res.Close)
	}
	waitUntilNobodyListens(t, addr)
	if took := time.Since(told); took < delay {
		t.Errorf("got the end after %s; want it after %s", took, delay)
	}
	close(storage.release)
	if res := <-slow; res == nil || res.StatusCode != http.StatusUnauthorized || !res.Close {
		t.Errorf("got %+v for a request in flight; want 401, on a connection that ends", res)
	}
	if err := <-ended; err != nil {
		t.Errorf("got %v; want an end in peace", err)
	}
}

func TestWithoutADelayTheEndIsAtOnce(t *testing.T) {
	t.Parallel()
	_, stop, ended := runServer(t, 0)
	told := time.Now()
	stop()
	if err := <-ended; err != nil || time.Since(told) > 3*time.Second {
		t.Errorf("got %v after %s; want the end at once", err, time.Since(told))
	}
}

// runServer lets a server run until stop is called.
func runServer(t *testing.T, delay time.Duration, opts ...passporttest.Option) (addr string, stop func(), ended chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	_ = l.Close()
	s := passporttest.New(t, append(opts, passporttest.ServedAs(func(c *httpapi.Config) { c.Addr, c.ShutdownDelay = at, &delay }))...)
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	ended = make(chan error, 1)
	go func() { ended <- s.HTTP.Run(ctx) }()
	for end := time.Now().Add(10 * time.Second); ; {
		c, err := net.Dial("tcp", at)
		if err == nil {
			_ = c.Close()
			return "http://" + at, stop, ended
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func get(t *testing.T, c *http.Client, url string) *http.Response {
	t.Helper()
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res
}

func waitUntilNobodyListens(t *testing.T, addr string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		c, err := net.Dial("tcp", strings.TrimPrefix(addr, "http://"))
		var refused *net.OpError
		if errors.As(err, &refused) {
			return
		}
		_ = c.Close()
	}
	t.Fatal("the server goes on listening")
}
