package guard

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Metadata is what an API says of itself (RFC 9728, 2).
type Metadata struct {
	Resource string   // its URL (RFC 9728, 1.2); empty for the audience
	Name     string   // for people; may be empty
	Scopes   []string // that it knows; may be empty
}

// wellKnown is where the document lies, in front of the resource's own path (RFC 9728, 3.1).
const wellKnown = "/.well-known/oauth-protected-resource"

// document is the protected resource's, ready to be sent.
type document struct {
	path, url string
	body      []byte
	etag      string
}

func newDocument(m Metadata, s settings) (*document, error) {
	if m.Resource == "" {
		m.Resource = s.audience
	}
	u, err := validURL(m.Resource)
	if err != nil || !quotable(m.Resource) {
		return nil, errors.Join(fmt.Errorf("the resource must be a URL: set Metadata.Resource where the audience is none"), err)
	}
	if s.issuer == "" {
		return nil, errors.New("metadata names the server that tokens come from: set WithIssuer")
	}
	b, err := json.Marshal(struct {
		Resource string   `json:"resource"`
		Servers  []string `json:"authorization_servers"`
		Scopes   []string `json:"scopes_supported,omitempty"`
		Methods  []string `json:"bearer_methods_supported"`
		Name     string   `json:"resource_name,omitempty"`
	}{m.Resource, []string{s.issuer}, m.Scopes, []string{"header"}, m.Name})
	if err != nil {
		return nil, fmt.Errorf("encode the metadata of the resource: %w", err)
	}
	path := u.EscapedPath()
	if path == "/" {
		path = ""
	}
	sum := sha256.Sum256(b)
	return &document{
		path: wellKnown + path, url: u.Scheme + "://" + u.Host + wellKnown + path,
		body: b, etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
	}, nil
}

// ProtectedResource is the document of WithMetadata, and the path it must be found at: http.Handle(g.ProtectedResource()). It
// panics without WithMetadata, which is a mistake in the program.
func (g *Guard) ProtectedResource() (path string, h http.Handler) {
	if g.document == nil {
		panic("guard: ProtectedResource without WithMetadata")
	}
	return g.document.path, g.document
}

// ServeHTTP sends the document. Everybody may read it, from every origin.
func (d *document) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("ETag", d.etag)
	if strings.TrimSpace(r.Header.Get("If-None-Match")) == d.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json")
	_, _ = w.Write(d.body) // who has gone does not miss it
}
