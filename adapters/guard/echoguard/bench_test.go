package echoguard_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/adapters/guard/echoguard"
)

const (
	connections = 64
	rounds      = 8                      // of each side, one after the other
	roundFor    = 500 * time.Millisecond // long beside what a machine does besides
)

// BenchmarkGuardedRoute compares a route behind a guard with the same route without one, over real connections on this machine.
// "seen" sends tokens that were verified before. "fresh" sends each token once, and is told beside the bare cost of verifying one.
func BenchmarkGuardedRoute(b *testing.B) {
	k := newSigner(b)
	g, err := guard.ByIssuer(k.URL, orders)
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	e := echo.New()
	handler := func(c echo.Context) error { return c.String(http.StatusOK, "orders") }
	e.GET("/bare", handler)
	e.GET("/guarded", handler, echoguard.RequireScopes(g, "orders:read"))
	web := httptest.NewServer(e)
	defer web.Close()

	b.Run("seen", func(b *testing.B) {
		token := k.token(0)
		same := func() string { return token }
		bare, guarded := interleaved(b, web, same)
		b.ReportMetric(bare, "bare-req/s")
		b.ReportMetric(guarded, "guarded-req/s")
		b.ReportMetric(guarded/bare, "ratio")
	})
	b.Run("fresh", func(b *testing.B) {
		var next atomic.Int64
		all := make([]string, 60_000)
		fill(all, k)
		fresh := func() string { return all[int(next.Add(1))%len(all)] } // longer than the memory: none is met again in it
		bare, guarded := interleaved(b, web, fresh)
		verify := k.bareVerification(b)
		b.ReportMetric(bare, "bare-req/s")
		b.ReportMetric(guarded, "guarded-req/s")
		b.ReportMetric(verify.Seconds()*1e6, "us/ES256")
		b.ReportMetric((1/guarded-1/bare)*float64(runtime.GOMAXPROCS(0))/verify.Seconds(), "ES256/guard") // what the guard costs, in bare verifications
	})
}

// interleaved measures both routes in turn, so that what disturbs the machine disturbs both.
func interleaved(b *testing.B, web *httptest.Server, token func() string) (bare, guarded float64) {
	b.Helper()
	pool := dial(b, web)
	var nBare, nGuarded int64
	pool.run("/guarded", token, roundFor) // warm
	b.ResetTimer()
	for range b.N {
		for range rounds {
			nBare += pool.run("/bare", token, roundFor)
			nGuarded += pool.run("/guarded", token, roundFor)
		}
	}
	b.StopTimer()
	if n := pool.failed.Load(); n != 0 {
		b.Fatalf("%d requests failed", n)
	}
	of := float64(b.N*rounds) * roundFor.Seconds()
	return float64(nBare) / of, float64(nGuarded) / of
}

// pool holds connections open. It writes requests by itself: a client of net/http would cost more than the server.
type pool struct {
	conns  []net.Conn
	failed atomic.Int64
}

func dial(b *testing.B, web *httptest.Server) *pool {
	b.Helper()
	p := &pool{}
	for range connections {
		c, err := net.Dial("tcp", web.Listener.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = c.Close() })
		p.conns = append(p.conns, c)
	}
	return p
}

// run sends requests on all connections for so long, and counts the answers.
func (p *pool) run(path string, token func() string, d time.Duration) int64 {
	var served atomic.Int64
	var all sync.WaitGroup
	end := time.Now().Add(d)
	for _, c := range p.conns {
		all.Go(func() {
			in, n := bufio.NewReader(c), int64(0)
			for time.Now().Before(end) {
				if !exchange(c, in, path, token()) {
					p.failed.Add(1)
					return
				}
				n++
			}
			served.Add(n)
		})
	}
	all.Wait()
	return served.Load()
}

func exchange(c net.Conn, in *bufio.Reader, path, token string) bool {
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: orders.example\r\nAuthorization: Bearer "+token+"\r\n\r\n"); err != nil {
		return false
	}
	line, err := in.ReadString('\n')
	if err != nil || line != "HTTP/1.1 200 OK\r\n" {
		return false
	}
	for line != "\r\n" {
		if line, err = in.ReadString('\n'); err != nil {
			return false
		}
	}
	_, err = in.Discard(len("orders"))
	return err == nil
}

// signer is an issuer with one key.
type signer struct {
	*httptest.Server
	key *ecdsa.PrivateKey
}

func newSigner(b *testing.B) *signer {
	b.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	s := &signer{key: private}
	send := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/oauth-authorization-server", func(w http.ResponseWriter, _ *http.Request) {
		send(w, map[string]any{"issuer": s.URL, "jwks_uri": s.URL + "/keys"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		send(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: private.Public(), KeyID: "k", Algorithm: "ES256"}}})
	})
	s.Server = httptest.NewServer(mux)
	b.Cleanup(s.Close)
	return s
}

// token signs what a server's token says.
func (s *signer) token(n int) string {
	now := time.Now().Unix()
	input := part(`{"alg":"ES256","kid":"k","typ":"at+jwt"}`) + "." + part(fmt.Sprintf(
		`{"iss":%q,"sub":"0199f3a2-6f6e-7c34-8f5e-2f1d3c4b5a69","sub_kind":"user","aud":%q,"client_id":"0199f3a2-6f6e-7c34-8f5e-2f1d3c4b5a70","scope":"orders:read","jti":"%036d","iat":%d,"exp":%d,"auth_time":%d}`,
		s.URL, orders, n, now, now+3600, now))
	sum := sha256.Sum256([]byte(input))
	x, y, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		panic(err)
	}
	signature := make([]byte, 64)
	x.FillBytes(signature[:32])
	y.FillBytes(signature[32:])
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func part(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func fill(all []string, s *signer) {
	var busy sync.WaitGroup
	const workers = 4
	for w := range workers {
		busy.Go(func() {
			for i := w; i < len(all); i += workers {
				all[i] = s.token(i + 1)
			}
		})
	}
	busy.Wait()
}

// bareVerification is what one ES256 verification costs by itself.
func (s *signer) bareVerification(b *testing.B) time.Duration {
	b.Helper()
	sum := sha256.Sum256([]byte("orders"))
	signature, err := ecdsa.SignASN1(rand.Reader, s.key, sum[:])
	if err != nil {
		b.Fatal(err)
	}
	const times = 2000
	began := time.Now()
	for range times {
		if !ecdsa.VerifyASN1(&s.key.PublicKey, sum[:], signature) {
			b.Fatal("it does not verify")
		}
	}
	return time.Since(began) / times
}

// BenchmarkSeen is what a guard itself does for a token that it has seen before.
func BenchmarkSeen(b *testing.B) {
	k := newSigner(b)
	g, err := guard.ByIssuer(k.URL, orders)
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	served := 0
	h := g.RequireScopes("orders:read")(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ }))
	r := httptest.NewRequest(http.MethodGet, "/orders", nil)
	r.Header.Set("Authorization", "Bearer "+k.token(0))
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
	if served == 0 || w.Code != http.StatusOK {
		b.Fatalf("got %d", w.Code)
	}
}
