// Command floor is the least a token endpoint can be: Echo and a database, the same reads by key, one HMAC, one ES256 signature
// and one commit for each token, and nothing that a user of a real one would ask for. test/bench measures the server beside it.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/labstack/echo/v4"
	_ "modernc.org/sqlite"
)

const schema = `CREATE TABLE IF NOT EXISTS floor_clients (id TEXT PRIMARY KEY, secret TEXT NOT NULL, scopes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS floor_tokens (id TEXT PRIMARY KEY, client_id TEXT NOT NULL, scopes TEXT NOT NULL, created_at TIMESTAMP NOT NULL, expires_at TIMESTAMP NOT NULL);
CREATE INDEX IF NOT EXISTS floor_tokens_expiry ON floor_tokens (expires_at);`

func main() {
	addr, url := flag.String("addr", "127.0.0.1:0", "to listen on"), flag.String("database", "", "postgres://... or a file")
	flag.Parse()
	db := open(*url)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	pepper := []byte("the pepper of the floor, 32 bytes")
	_, _ = db.Exec("INSERT INTO floor_clients VALUES ('bench', '" + sum(pepper, "secret") + "', 'orders:read')")

	e := echo.New()
	e.HideBanner = true
	e.GET("/readyz", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	e.POST("/oauth/token", func(c echo.Context) error {
		id, secret, _ := c.Request().BasicAuth()
		var stored, scopes string
		if err := db.QueryRow("SELECT secret, scopes FROM floor_clients WHERE id = $1", id).Scan(&stored, &scopes); err != nil {
			return err
		}
		if !hmac.Equal([]byte(stored), []byte(sum(pepper, secret))) {
			return echo.ErrUnauthorized
		}
		jti, now := uuid.Must(uuid.NewV7()).String(), time.Now().UTC()
		token := sign(key, map[string]any{"iss": "floor", "sub": id, "jti": jti, "client_id": id, "scope": scopes, "iat": now.Unix(), "exp": now.Unix() + 3600})
		if _, err := db.Exec("INSERT INTO floor_tokens VALUES ($1, $2, $3, $4, $5)", jti, id, scopes, now, now.Add(time.Hour)); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600})
	})
	log.Fatal(e.Start(*addr))
}

func open(url string) *sql.DB {
	driver := "pgx"
	if !strings.HasPrefix(url, "postgres") {
		driver, url = "sqlite", "file:"+url+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_txlock=immediate"
	}
	db, err := sql.Open(driver, url)
	check(err)
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(16)
	if driver == "sqlite" {
		db.SetMaxOpenConns(1)
	}
	for _, s := range strings.Split(schema, ";") {
		if strings.TrimSpace(s) != "" {
			_, err := db.Exec(s)
			check(err)
		}
	}
	return db
}

func sum(key []byte, text string) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

func sign(key *ecdsa.PrivateKey, claims map[string]any) string {
	payload, err := json.Marshal(claims)
	check(err)
	b64 := base64.RawURLEncoding
	text := b64.EncodeToString([]byte(`{"alg":"ES256","typ":"at+jwt","kid":"floor"}`)) + "." + b64.EncodeToString(payload)
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	check(err)
	return text + "." + b64.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
