// Package webapp is a web app that signs people in at the server and calls an API for them: golang.org/x/oauth2, the code flow, PKCE.
package webapp

import (
	"crypto/rand"
	"io"
	"net/http"

	"golang.org/x/oauth2"
)

// App is a client of a server.
type App struct {
	oauth oauth2.Config
	api   string
}

// New makes an App that is registered with the server under a redirect URI which ends in /callback.
func New(issuer, clientID, clientSecret, redirectURI, api string) *App {
	return &App{oauth2.Config{
		ClientID: clientID, ClientSecret: clientSecret, RedirectURL: redirectURI, Scopes: []string{"orders:read"},
		Endpoint: oauth2.Endpoint{AuthURL: issuer + "/oauth/authorize", TokenURL: issuer + "/oauth/token"},
	}, api}
}

// Routes are /login, which sends the browser to the server, and /callback, where it comes back and is shown what the API has.
func (a *App) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", a.login)
	mux.HandleFunc("GET /callback", a.callback)
	return mux
}

// login remembers in the browser what the answer must match.
func (a *App) login(w http.ResponseWriter, r *http.Request) {
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	keep(w, "state", state)
	keep(w, "verifier", verifier)
	http.Redirect(w, r, a.oauth.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), http.StatusFound)
}

func (a *App) callback(w http.ResponseWriter, r *http.Request) {
	state, err := r.Cookie("state")
	if err != nil || state.Value != r.FormValue("state") {
		http.Error(w, "This answer belongs to no question of yours.", http.StatusBadRequest)
		return
	}
	verifier, err := r.Cookie("verifier")
	if err != nil || r.FormValue("code") == "" {
		http.Error(w, "You did not allow it: "+r.FormValue("error"), http.StatusForbidden)
		return
	}
	token, err := a.oauth.Exchange(r.Context(), r.FormValue("code"), oauth2.VerifierOption(verifier.Value))
	if err != nil {
		http.Error(w, "The server did not accept the code.", http.StatusBadGateway)
		return
	}
	res, err := a.oauth.Client(r.Context(), token).Get(a.api)
	if err != nil {
		http.Error(w, "The API does not answer.", http.StatusBadGateway)
		return
	}
	defer func() { _ = res.Body.Close() }()
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body)
}

func keep(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 600})
}
