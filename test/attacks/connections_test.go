package attacks

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// The database's clock and the server's differ. Each end is measured by one of them alone: how long ago a ratchet turned by the
// database's, everything else by the server's.
func TestClocksOfTokensDiffer(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"U20 the database is ahead": 10 * time.Minute, "U20 the database is behind": -10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			eachstore.RunSkewed(t, ahead, func(t *testing.T, on passporttest.Option) {
				openDesk(t, on).try(t, []attempt{
					{"a code lives for its minute", lateCode},
					{"a lost answer is given again, and not for longer", retriedRefresh},
					{"a replay is one at once", replayedRefresh},
					{"an access token lives for its hour", func(t *testing.T, d *desk) {
						had := d.tokens(t, d.web)
						d.Clock.Advance(time.Hour - 2*time.Second)
						d.live(t, had.access)
						d.Clock.Advance(2 * time.Second)
						d.dead(t, had.access)
					}},
					{"a family lives for its days", refreshEnds},
					{"a revocation counts at once", revokeScope},
				})
			})
		})
	}
}

// A caller who leaves in the middle takes nothing along: no connection, no lock, no goroutine.
func TestAbortedRequests(t *testing.T) {
	t.Run("U25 goroutines and descriptors", func(t *testing.T) {
		d := openDesk(t, passporttest.On(nil), passporttest.LoggingTo(io.Discard))
		d.abort(t, 200)
		goroutines, files := settled(0, 0)
		d.abort(t, 100*rounds(t))
		if g, f := settled(goroutines, files); g > goroutines+5 || f > files+5 {
			t.Errorf("got %d goroutines and %d descriptors; want about %d and %d", g, f, goroutines, files)
		}
	})
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		t.Run("U25 the database", func(t *testing.T) {
			d := openDesk(t, on, passporttest.LoggingTo(io.Discard))
			d.abort(t, 300)
			start := time.Now()
			for range 20 {
				d.live(t, d.tokens(t, d.web).access)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("twenty codes took %s after it", took)
			}
		})
	})
}

// abort sends n requests that end too early, each in another place.
func (d *desk) abort(t *testing.T, n int) {
	t.Helper()
	request := func(body string) string {
		return "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
	}
	refresh := request(refreshForm("x", "client_id", string(d.spa.ID)).Encode())
	foreign := request(codeForm(d.spa, d.code(t, d.web), "client_id", string(d.spa.ID)).Encode())
	pieces := []string{"POST /oau", refresh[:80], refresh[:len(refresh)-3], refresh, foreign, ""}
	next := make(chan string)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for piece := range next {
				conn, err := net.Dial("tcp", strings.TrimPrefix(d.URL, "http://"))
				if err != nil {
					t.Error(err)
					continue
				}
				_, _ = io.WriteString(conn, piece)
				_ = conn.(*net.TCPConn).SetLinger(0) // gone, not closed
				_ = conn.Close()
			}
		})
	}
	for i := range n {
		next <- pieces[i%len(pieces)]
	}
	close(next)
	wg.Wait()
}

// settled waits until the numbers of goroutines and descriptors are near those given; where none are, until all are gone that will
// go.
func settled(wantGoroutines, wantFiles int) (goroutines, files int) {
	plain.CloseIdleConnections()
	for range 50 {
		time.Sleep(40 * time.Millisecond)
		goroutines, files = runtime.NumGoroutine(), descriptors()
		if wantGoroutines > 0 && goroutines <= wantGoroutines+5 && files <= wantFiles+5 {
			break
		}
	}
	return goroutines, files
}

// descriptors counts those of this process; 0 where it cannot be told.
func descriptors() int {
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(all)
}

func TestHeadersThatMeanNothingHere(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		d := openDesk(t, on)
		t.Run("U28 conditions, ranges and overrides", func(t *testing.T) {
			a := d.submit(t, "/oauth/token", d.m2m, machineForm(), "Range", "bytes=0-10", "If-None-Match", "*", "If-Modified-Since", "Mon, 02 Jan 2034 15:04:05 GMT",
				"X-Original-URL", "/livez", "X-Rewrite-URL", "/livez", "X-HTTP-Method-Override", "GET", "X-Forwarded-Host", "evil.example")
			granted(t, a)
			for _, name := range []string{"ETag", "Last-Modified", "Content-Range", "Age", "Expires"} {
				if got := a.header.Get(name); got != "" {
					t.Errorf("got %s %q; want none", name, got)
				}
			}
			for _, method := range []string{"POST", "DELETE"} {
				if a := d.get(t, "/oauth/token", "X-HTTP-Method-Override", method, "X-HTTP-Method", method, "X-Method-Override", method); a.status != http.StatusMethodNotAllowed {
					t.Errorf("got %d; want 405", a.status)
				}
			}
			if a := d.get(t, "/livez", "X-Original-URL", "/oauth/jwks", "X-Rewrite-URL", "/oauth/jwks"); a.body != "ok\n" {
				t.Errorf("got %q; want what was asked for", a.body)
			}
			had := d.tokens(t, d.web)
			if a := d.submit(t, "/oauth/introspect", d.web, form("token", had.access), "If-None-Match", "*", "Range", "bytes=0-1"); a.status != 200 || a.json(t)["active"] != true {
				t.Errorf("got %d %s", a.status, a.body)
			}
		})
	})
}

// The server as it is run, with its own limits of connections.
func TestConnections(t *testing.T) {
	t.Parallel()
	var log lines
	d := openDesk(t, passporttest.On(nil), passporttest.LoggingTo(&log), passporttest.ServedAs(func(c *httpapi.Config) { c.Addr = "127.0.0.1:0" }))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.HTTP.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	d.URL = "http://" + listening(t, &log)
	t.Run("U29 headers that are too large", func(t *testing.T) {
		for _, name := range []string{"Cookie", "Authorization", "X-Anything"} {
			conn := d.connect(t, "GET /livez HTTP/1.1\r\nHost: x\r\n"+name+": "+strings.Repeat("x", 70<<10)+"\r\n\r\n")
			if all := heard(conn); !strings.HasPrefix(all, "HTTP/1.1 431 ") {
				t.Errorf("%s: got %.100q; want 431", name, all)
			}
		}
		if a := d.get(t, "/livez", "Cookie", "a="+strings.Repeat("x", 8<<10)); a.status != 200 {
			t.Errorf("got %d for 8 KiB of cookies; want 200", a.status)
		}
	})
	t.Run("D35 headers that never end, and others that wait", func(t *testing.T) { slowHeaders(t, d) })
}

func slowHeaders(t *testing.T, d *desk) {
	hanging := 0
	for range 100 {
		d.connect(t, "")
		d.connect(t, "POST /oauth/token HTTP/1.1\r\nHost: x\r\n")
		hanging += 2
	}
	start := time.Now()
	slow := d.connect(t, "POST /oauth/token HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	go func() {
		for range 100 {
			if _, err := io.WriteString(slow, "x"); err != nil {
				return
			}
			time.Sleep(200 * time.Millisecond)
		}
	}()
	for range 50 {
		began := time.Now()
		granted(t, d.submit(t, "/oauth/token", d.m2m, machineForm()))
		if took := time.Since(began); took > time.Second {
			t.Errorf("a request beside %d that hang took %s", hanging, took)
		}
	}
	all := heard(slow)
	if took := time.Since(start); took < 4*time.Second || took > 8*time.Second || strings.Contains(all, " 200 ") {
		t.Errorf("got %q after %s; want the end of the connection after 5 s", all, took)
	}
}

var addr = regexp.MustCompile(`"msg":"listening","addr":"([^"]+)"`)

// listening waits for the server to say where.
func listening(t *testing.T, log *lines) string {
	t.Helper()
	for range 200 {
		if m := addr.FindStringSubmatch(log.String()); m != nil {
			return m[1]
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the server does not listen")
	return ""
}

func (d *desk) connect(t *testing.T, head string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(15 * time.Second))
	_, _ = io.WriteString(conn, head)
	return conn
}

// heard is all that comes until the server ends the connection.
func heard(conn net.Conn) string {
	b, _ := io.ReadAll(conn)
	return string(b)
}
