package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/application/introspect"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

// token is the token endpoint (RFC 6749, 3.2).
func (s *Server) token(c echo.Context) error {
	p, err := presented(c)
	if err != nil {
		return err
	}
	a, err := s.s.Exchange.Exchange(c.Request().Context(), p)
	if err != nil {
		return err
	}
	return sayJSON(c, http.StatusOK, tokenJSON(a))
}

type tokenResponse struct {
	AccessToken  string  `json:"access_token"`
	TokenType    string  `json:"token_type"`
	ExpiresIn    int64   `json:"expires_in"`
	RefreshToken string  `json:"refresh_token,omitempty"`
	Scope        *string `json:"scope,omitempty"`
}

func tokenJSON(a issue.Answer) []byte {
	r := tokenResponse{a.AccessToken.Reveal(), "Bearer", int64(a.ExpiresIn.Seconds()), a.RefreshToken.Reveal(), nil}
	if a.TellScopes {
		text := a.Scopes.String()
		r.Scope = &text
	}
	return mustJSON(r)
}

// mustJSON encodes a value of ours, which cannot fail.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func sayJSON(c echo.Context, status int, b []byte) error {
	c.Response().Header()["Content-Type"] = aJSON
	return c.JSONBlob(status, b)
}

// revoke is the revocation endpoint (RFC 7009, 2).
func (s *Server) revoke(c echo.Context) error {
	p, err := presented(c)
	if err != nil {
		return err
	}
	if err := s.s.Revoke.Revoke(c.Request().Context(), p); err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}

// introspect is the introspection endpoint (RFC 7662, 2).
func (s *Server) introspect(c echo.Context) error {
	p, err := presented(c)
	if err != nil {
		return err
	}
	f, err := s.s.Introspect.Introspect(c.Request().Context(), p)
	if err != nil {
		return err
	}
	if !f.Active() {
		return sayJSON(c, http.StatusOK, inactive)
	}
	return sayJSON(c, http.StatusOK, mustJSON(s.introspection(f)))
}

var inactive = []byte(`{"active":false}`)

type introspection struct {
	Active      bool            `json:"active"`
	Issuer      string          `json:"iss"`
	Subject     string          `json:"sub"`
	SubjectKind subject.Kind    `json:"sub_kind"`
	ClientID    string          `json:"client_id"`
	Audience    []string        `json:"aud,omitempty"`
	Scope       string          `json:"scope"`
	TokenType   introspect.Kind `json:"token_type"`
	ID          token.ID        `json:"jti,omitempty"`
	IssuedAt    int64           `json:"iat"`
	ExpiresAt   int64           `json:"exp"`
	AuthTime    int64           `json:"auth_time,omitempty"`
}

func (s *Server) introspection(f introspect.Found) introspection {
	a := f.Access
	r := introspection{
		Active: true, Issuer: s.s.Metadata.Issuer(), Subject: a.Subject.ID, SubjectKind: a.Subject.Kind, ClientID: string(a.Client),
		Audience: a.Audience, Scope: a.Scopes.String(), TokenType: f.Kind, ID: a.ID,
		IssuedAt: a.IssuedAt.Unix(), ExpiresAt: a.ExpiresAt.Unix(),
	}
	if !a.AuthTime.IsZero() {
		r.AuthTime = a.AuthTime.Unix()
	}
	return r
}
