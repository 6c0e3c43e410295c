package main

import (
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

const (
	hour  = int64(time.Hour / time.Microsecond)
	scope = "orders:read"
)

func now() int64 { return time.Now().UnixMicro() }

// answer is what a client is given.
type answer struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
	Refresh string `json:"refresh_token,omitempty"`
	Scope   string `json:"scope"`
}

// token serves the token endpoint.
func (f *floor) token(c echo.Context) error {
	id, p, err := f.sender(c)
	if err != nil {
		return err
	}
	switch c.FormValue("grant_type") {
	case "client_credentials":
		return f.forClient(c, id, p)
	case "authorization_code":
		return f.forCode(c, id)
	case "refresh_token":
		return f.forRefresh(c, id)
	}
	return f.poll(c, id)
}

// access is a token that is about to be stored.
type access struct {
	id, text string
	hash     []byte // of an opaque one
	at       int64
}

func (f *floor) newAccess(client, user string, opaque bool) (access, error) {
	a := access{id: uuid.Must(uuid.NewV7()).String(), at: now()}
	if opaque {
		a.text = handle()
		a.hash = sum(a.text)
		return a, nil
	}
	var err error
	a.text, err = f.key.sign(claims{
		Issuer: "http://floor.example", Subject: user, Audience: "http://floor.example", Client: client, Scope: scope, ID: a.id,
		IssuedAt: a.at / 1e6, Expires: (a.at + hour) / 1e6,
	})
	return a, err
}

const insertAccess = "INSERT INTO floor_access (id, client_id, user_id, scope, hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"

var keepAccess = change{pg: insertAccess, lite: []string{insertAccess}}

func (f *floor) forClient(c echo.Context, id string, p party) error {
	a, err := f.newAccess(id, id, p.opaque)
	if err != nil {
		return err
	}
	if _, err := f.db.commit(c.Request().Context(), keepAccess, a.id, id, id, scope, a.hash, a.at, a.at+hour); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, answer{a.text, "Bearer", 3600, "", scope})
}

// paid stores an access token if the change of its family held: $1 to $7 are the token's, $8 is the family's, $9 and $10 are free.
func paid(family string) change {
	const columns = "INSERT INTO floor_access (id, client_id, user_id, scope, hash, created_at, expires_at, family_id) "
	return change{
		pg:   "WITH u AS (" + family + " RETURNING id) " + columns + "SELECT $1, $2, $3, $4, $5, $6, $7, id FROM u",
		lite: []string{family, columns + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"},
	}
}

var redeem = paid("UPDATE floor_families SET spent_at = $6, rotated_at = $6, generation = 1 WHERE id = $8 AND spent_at IS NULL AND revoked_at IS NULL AND expires_at > $6")

func (f *floor) forCode(c echo.Context, client string) error {
	var family, owner, user, challenge string
	var expires int64
	ctx := c.Request().Context()
	found, err := f.db.find(ctx, `SELECT f.id, f.client_id, f.user_id, c.challenge, c.expires_at FROM floor_codes c JOIN floor_families f ON f.id = c.family_id
		WHERE c.hash = $1`, sum(c.FormValue("code")), &family, &owner, &user, &challenge, &expires)
	if err != nil {
		return err
	}
	verifier := sha256.Sum256([]byte(c.FormValue("code_verifier")))
	if !found || owner != client || expires < now() || !same(challenge, b64.EncodeToString(verifier[:])) {
		return refuse(c, "invalid_grant")
	}
	return f.sell(c, redeem, client, user, family, 1)
}

var rotate = paid("UPDATE floor_families SET generation = $9 + 1, rotated_at = $6 WHERE id = $8 AND generation = $9 AND revoked_at IS NULL AND expires_at > $6")

func (f *floor) forRefresh(c echo.Context, client string) error {
	family, generation, genuine := readRefresh(c.FormValue("refresh_token"))
	if !genuine {
		return refuse(c, "invalid_grant")
	}
	var owner, user string
	found, err := f.db.find(c.Request().Context(), "SELECT client_id, user_id FROM floor_families WHERE id = $1", family, &owner, &user)
	if err != nil {
		return err
	}
	if !found || owner != client {
		return refuse(c, "invalid_grant")
	}
	return f.sell(c, rotate, client, user, family, generation+1, int64(generation))
}

// sell commits and answers.
func (f *floor) sell(c echo.Context, price change, client, user, family string, generation uint32, more ...any) error {
	a, err := f.newAccess(client, user, false)
	if err != nil {
		return err
	}
	args := append([]any{a.id, client, user, scope, a.hash, a.at, a.at + hour, family}, more...)
	ok, err := f.db.commit(c.Request().Context(), price, args...)
	if err != nil {
		return err
	}
	if !ok {
		return refuse(c, "invalid_grant")
	}
	return c.JSON(http.StatusOK, answer{a.text, "Bearer", 3600, newRefresh(family, generation), scope})
}

// A refresh token is a family, a generation of it and an HMAC of both.
func newRefresh(family string, generation uint32) string {
	id := uuid.MustParse(family)
	body := binary.BigEndian.AppendUint32(id[:], generation)
	return b64.EncodeToString(append(body, sum(string(body))[:20]...))
}

func readRefresh(text string) (family string, generation uint32, genuine bool) {
	b, err := b64.DecodeString(text)
	if err != nil || len(b) != 40 || !same(string(sum(string(b[:20]))[:20]), string(b[20:])) {
		return "", 0, false
	}
	return uuid.UUID(b[:16]).String(), binary.BigEndian.Uint32(b[16:]), true
}

const notePoll = "UPDATE floor_devices SET polled_at = $2 WHERE hash = $1 AND family_id IS NULL AND expires_at > $2 AND (polled_at IS NULL OR polled_at + pause <= $2)"

var polled = change{pg: notePoll, lite: []string{notePoll}}

// poll notes when a device asked, and tells it to go on waiting, or to slow down.
func (f *floor) poll(c echo.Context, client string) error {
	if err := f.there(c, client); err != nil {
		return err
	}
	ok, err := f.db.commit(c.Request().Context(), polled, sum(c.FormValue("device_code")), now())
	if err != nil {
		return err
	}
	if !ok {
		return refuse(c, "slow_down")
	}
	return refuse(c, "authorization_pending")
}

func refuse(c echo.Context, code string) error {
	return c.JSON(http.StatusBadRequest, map[string]string{"error": code})
}
