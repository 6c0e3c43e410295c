package main

import (
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// described is a live token.
type described struct {
	Active  bool   `json:"active"`
	Type    string `json:"token_type"`
	Client  string `json:"client_id"`
	Subject string `json:"sub"`
	Scope   string `json:"scope"`
	ID      string `json:"jti"`
	Issued  int64  `json:"iat"`
	Expires int64  `json:"exp"`
}

const selectAccess = `SELECT a.id, a.client_id, a.user_id, a.scope, a.created_at, a.expires_at, a.revoked_at IS NOT NULL OR f.revoked_at IS NOT NULL
	FROM floor_access a LEFT JOIN floor_families f ON f.id = a.family_id WHERE `

// introspect answers from the token's row joined to its family's. Whose signature was good once is not verified again.
func (f *floor) introspect(c echo.Context) error {
	if _, _, err := f.sender(c); err != nil {
		return err
	}
	query, key, err := f.rowOf(c.FormValue("token"))
	if err != nil {
		return c.JSON(http.StatusOK, map[string]bool{"active": false})
	}
	d := described{Active: true, Type: "Bearer"}
	var dead bool
	found, err := f.db.find(c.Request().Context(), query, key, &d.ID, &d.Client, &d.Subject, &d.Scope, &d.Issued, &d.Expires, &dead)
	if err != nil {
		return err
	}
	if !found || dead || d.Expires < now() {
		return c.JSON(http.StatusOK, map[string]bool{"active": false})
	}
	d.Issued, d.Expires = d.Issued/1e6, d.Expires/1e6
	return c.JSON(http.StatusOK, d)
}

func (f *floor) rowOf(token string) (query string, key any, err error) {
	if strings.Count(token, ".") != 2 {
		return selectAccess + "a.hash = $1", sum(token), nil
	}
	c, err := f.claimsOf(token)
	return selectAccess + "a.id = $1", c.ID, err
}

const (
	end  = "UPDATE floor_access SET revoked_at = $2 WHERE id = $1 AND client_id = $3 AND revoked_at IS NULL"
	told = "INSERT INTO floor_audit (id, kind, at, client_id, object) "
)

var ended = change{
	pg:   "WITH e AS (" + end + " RETURNING id) " + told + "SELECT $4, 'revoked', $2, $3, $1 FROM e",
	lite: []string{end, told + "VALUES ($4, 'revoked', $2, $3, $1)"},
}

// revoke ends an access token that is a JWT, and notes who did.
func (f *floor) revoke(c echo.Context) error {
	id, _, err := f.sender(c)
	if err != nil {
		return err
	}
	if err := f.there(c, id); err != nil {
		return err
	}
	claims, err := f.key.verify(c.FormValue("token"))
	if err != nil {
		return c.NoContent(http.StatusOK)
	}
	var owner string
	ctx := c.Request().Context()
	found, err := f.db.find(ctx, "SELECT client_id FROM floor_access WHERE id = $1", claims.ID, &owner)
	if err != nil || !found || owner != id {
		return err
	}
	if _, err := f.db.commit(ctx, ended, claims.ID, now(), id, uuid.Must(uuid.NewV7()).String()); err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}
