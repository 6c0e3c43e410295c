package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/httpapi"
	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/test/passporttest"
)

const deviceOrigin = "https://spa.example"

// askDevice sends a form to the device authorization endpoint.
func askDevice(s *passporttest.Server, path, origin string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", formType)
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	w := httptest.NewRecorder()
	s.HTTP.ServeHTTP(w, r)
	return w
}

func TestDeviceCodeAnswers(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t, passporttest.ServedAs(func(c *httpapi.Config) { c.Prefix = "/auth" }))
	c, _ := s.Client(t, client.Client{Auth: client.None, Native: true, Grants: []string{grant.DeviceType}, Origins: []string{deviceOrigin}})
	form := url.Values{"client_id": {string(c.ID)}, "scope": {"profile"}}
	for origin, want := range map[string]string{"": "", deviceOrigin: deviceOrigin, "https://evil.example": ""} {
		w := askDevice(s, "/auth/device/code", origin, form)
		if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != http.StatusOK || got != want {
			t.Errorf("from %q: got %d for %q; want 200 for %q", origin, w.Code, got, want)
		}
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("got %v; want JSON that nobody keeps", w.Header())
		}
		var m map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		code, _ := m["user_code"].(string)
		if len(m) != 6 || m["verification_uri"] != s.URL+"/auth/device" || m["verification_uri_complete"] != s.URL+"/auth/device?user_code="+code ||
			m["expires_in"] != 600.0 || m["interval"] != 5.0 || !strings.HasPrefix(m["device_code"].(string), "pp_dc_") {
			t.Errorf("got %v; want the six members of RFC 8628, 3.2", m)
		}
	}
	for status, path := range map[int]string{http.StatusBadRequest: "/auth/device/code?scope=profile", http.StatusNotFound: "/auth/device/codes"} {
		if w := askDevice(s, path, "", form); w.Code != status {
			t.Errorf("%s: got %d; want %d", path, w.Code, status)
		}
	}
}

// A code that nobody can ask for is not offered either; implicit is, where it is.
func TestMetadataNamesGrants(t *testing.T) {
	t.Parallel()
	for on, want := range map[bool]string{
		false: `["authorization_code","client_credentials","refresh_token","` + grant.DeviceType + `"]`,
		true:  `["authorization_code","client_credentials","refresh_token","` + grant.DeviceType + `","implicit"]`,
	} {
		s := passporttest.New(t, passporttest.Configured(func(c *core.Config) { c.Grants.Implicit = on }))
		w := httptest.NewRecorder()
		s.HTTP.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/.well-known/oauth-authorization-server", nil))
		if !strings.Contains(w.Body.String(), `"grant_types_supported":`+want) {
			t.Errorf("implicit %v: got %s; want %s", on, w.Body, want)
		}
	}
}
