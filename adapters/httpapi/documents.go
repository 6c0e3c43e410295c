package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
)

// documents are served from ready bytes.
type documents struct {
	metadata []byte
	etag     string
}

func newDocuments(metadata map[string]any) (documents, error) {
	b, err := json.Marshal(metadata)
	if err != nil {
		return documents{}, fmt.Errorf("encode metadata: %w", err)
	}
	sum := sha256.Sum256(b)
	return documents{b, `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}, nil
}

// metadata is the authorization server's metadata (RFC 8414, 3).
func (s *Server) metadata(c echo.Context) error {
	return document(c, "application/json", s.docs.metadata, s.docs.etag, "public, max-age=3600")
}

// jwks is the JWK Set (RFC 7517, 5). It may be kept for so short a time that a next key is known everywhere before it signs.
func (s *Server) jwks(c echo.Context) error {
	b, etag, err := s.s.Keys.JWKS(c.Request().Context())
	if err != nil {
		return err
	}
	return document(c, "application/jwk-set+json", b, etag, "public, max-age=300")
}

func document(c echo.Context, kind string, b []byte, etag, keep string) error {
	h := c.Response().Header()
	h.Del("Pragma")
	h.Set("Cache-Control", keep)
	h.Set("ETag", etag)
	if c.Request().Header.Get("If-None-Match") == etag {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, kind, b)
}

// live says that the process runs.
func (s *Server) live(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

var errLeaving = errors.New("the server was told to end")

// ready says whether it can serve, and goes on to; why not stands in the log.
func (s *Server) ready(c echo.Context) error {
	if s.leaving.Load() {
		return errLeaving
	}
	if err := s.s.Ready.Check(c.Request().Context()); err != nil {
		return err
	}
	return c.String(http.StatusOK, "ok\n")
}
