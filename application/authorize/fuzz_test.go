package authorize_test

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
)

const (
	issuer    = "https://id.example"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // RFC 7636, appendix B
)

var catalog = scope.Catalog{
	Scopes:   []scope.Definition{{Name: "orders:read"}, {Name: "orders:write"}, {Name: "profile"}},
	Defaults: scope.Of("profile"),
}

// endpoint is the authorization endpoint with clients of every sort and a person who allowed the first of them everything.
type endpoint struct {
	*passporttest.Server
	*authorize.Service
	clients map[string]client.Client
	named   *strings.Replacer // {web}, {two}, {spa}, {cli}, {m2m}
	alice   user.User
}

func newEndpoint(f *testing.F) *endpoint {
	f.Helper()
	s := passporttest.New(f)
	e := &endpoint{Server: s, clients: map[string]client.Client{}, alice: s.User(f, "alice")}
	code := []string{"authorization_code"}
	var names []string
	for _, c := range []client.Client{
		{Name: "web", Grants: code, RedirectURIs: []string{"https://app.example/cb?fixed=1"}, Audience: []string{"https://api.example"}, WithoutPKCE: true},
		{Name: "two", Grants: code, RedirectURIs: []string{"https://two.example/a", "https://two.example/b"}, Scopes: scope.Of("orders:read")},
		{Name: "spa", Grants: code, Auth: client.None, RedirectURIs: []string{"https://spa.example"}},
		{Name: "cli", Grants: code, Auth: client.None, Native: true, RedirectURIs: []string{"http://127.0.0.1/cb", "http://[::1]:1234/?a=b", "com.example.app:/cb"}},
		{Name: "m2m", Grants: []string{"client_credentials"}, RedirectURIs: []string{"https://m2m.example/cb"}},
	} {
		c, _ := s.Client(f, c)
		e.clients[string(c.ID)] = c
		names = append(names, "{"+c.Name+"}", string(c.ID))
	}
	e.named = strings.NewReplacer(names...)
	p := s.Storage
	random := system.Random{}
	e.Service = authorize.New(authorize.Config{Issuer: issuer, Catalog: catalog, RequestLife: time.Hour, PerSession: 20}, authorize.Tools{
		Clients: p.ClientFinder, Users: p.UserFinder, Requests: p.RequestBook, Approvals: p.ApprovalBook, Consents: p.ConsentBook,
		Devices: p.DeviceBook, Sessions: p.SessionBook, Skips: authorize.FirstParty,
		Issuer: s.Issuer, Peppers: s.Peppers, Clock: s.Clock, Random: random,
	}, authorize.Responders{authorize.NewCode(p.ApprovalBook, random, s.Peppers, authorize.CodeLife(time.Minute))})
	web := client.ID(names[1])
	now := s.Clock.Now()
	family := s.Issuer.NewFamily(e.clients[string(web)], grant.CodeType, grant.Authorization{Subject: subject.OfUser(string(e.alice.ID))}, now)
	allowed := grant.Consent{User: e.alice.ID, Client: web, Scopes: catalog.Names(), CreatedAt: now, UpdatedAt: now}
	if err := p.ApprovalBook.Approve(f.Context(), grant.Approval{Consent: allowed, Family: family}); err != nil {
		f.Fatal(err)
	}
	if err := p.SessionBook.OpenSession(f.Context(), e.visitor(true).Session); err != nil {
		f.Fatal(err)
	}
	return e
}

// visitor is alice's browser, or one that nobody signed in with.
func (e *endpoint) visitor(signedIn bool) authorize.Visitor {
	s := session.Session{ID: "0190f5fe-7c1e-7a5f-8d3c-00000000000a"}
	if signedIn {
		s.Digest, s.User, s.AuthTime = secret.Plain("session", secret.Of("alice's")), e.alice.ID, e.Clock.Now()
	}
	return authorize.Visitor{Session: s, Greet: func(context.Context) (session.Session, error) { return s, nil }}
}

// FuzzBegin: whatever an authorization request says, nobody is sent anywhere but where the client is registered, and is told there
// who answers and the very state that was sent.
func FuzzBegin(f *testing.F) {
	pkce := "&code_challenge=" + challenge + "&code_challenge_method=S256"
	for _, s := range []string{
		"response_type=code&client_id={web}&state=a%26b%3D%22%3Cc%3E+%E2%82%AC%0D%0AX:y",
		"response_type=code&client_id={web}&scope=orders%3Aread+orders%3Awrite&redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Ffixed%3D1" + pkce,
		"response_type=code&client_id={web}&prompt=none&state=" + strings.Repeat("s", 2048),
		"response_type=code&client_id={web}&state=" + strings.Repeat("s", 2049),
		"response_type=code&client_id={web}&resource=https%3A%2F%2Fapi.example&resource=https%3A%2F%2Fapi.example",
		"response_type=code&client_id={web}&resource=https%3A%2F%2Fother.example",
		"response_type=code&client_id={web}&prompt=login&max_age=0&login_hint=alice",
		"response_type=code&client_id={web}&prompt=none+login&max_age=-1",
		"response_type=token&client_id={web}&state=x&code=planted&iss=planted&error=planted",
		"response_type=code&response_type=code&client_id={web}&state=one&state=two",
		"response_type=code&client_id={two}&redirect_uri=https%3A%2F%2Ftwo.example%2Fb&scope=orders%3Aread" + pkce,
		"response_type=code&client_id={two}&scope=orders%3Awrite" + pkce,
		"response_type=code&client_id={two}&redirect_uri=https%3A%2F%2Ftwo.example%2Fb&scope=orders%3Awrite" + pkce,
		"response_type=code&client_id={spa}&scope=%22&request=x",
		"response_type=code&client_id={spa}&redirect_uri=https%3A%2F%2Fspa.example%2F" + pkce,
		"response_type=code&client_id={spa}&request_uri=https%3A%2F%2Fevil.example" + pkce,
		"response_type=code&client_id={spa}&response_mode=form_post" + pkce,
		"response_type=code&client_id={cli}&redirect_uri=http%3A%2F%2F127.0.0.1%3A51111%2Fcb" + pkce,
		"response_type=code&client_id={cli}&redirect_uri=http%3A%2F%2F%5B%3A%3A1%5D%3A2%2F%3Fa%3Db" + pkce,
		"response_type=code&client_id={cli}&redirect_uri=com.example.app%3A%2Fcb&prompt=consent" + pkce,
		"response_type=code&client_id={cli}&redirect_uri=http%3A%2F%2F127.0.0.1%3A80%40evil.example%2Fcb" + pkce,
		"response_type=code&client_id={cli}&redirect_uri=http%3A%2F%2F127.0.0.1.evil.example%2Fcb" + pkce,
		"response_type=code&client_id={m2m}" + pkce,
		"response_type=code&client_id={web}&client_id={two}&redirect_uri=a&redirect_uri=b",
		"client_id=&redirect_uri=https%3A%2F%2Fevil.example", "",
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	e := newEndpoint(f)
	f.Fuzz(func(t *testing.T, query string, signedIn bool) {
		sent, err := url.ParseQuery(e.named.Replace(query))
		if err != nil {
			return
		}
		n, err := e.Begin(t.Context(), clientauth.NewForm(sent), e.visitor(signedIn))
		switch {
		case err != nil:
			if _, isFault := fault.As(err); !isFault {
				t.Errorf("got %v; want a refusal or an answer", err)
			}
		case n.Stage == authorize.Answered:
			e.checkAnswer(t, sent, n)
		default:
			e.checkWaiting(t, sent, n)
		}
	})
}

// checkAnswer holds an authorization response against what was sent.
func (e *endpoint) checkAnswer(t *testing.T, sent url.Values, n authorize.Next) {
	t.Helper()
	c, to := e.clients[sent.Get("client_id")], n.Answer.Location()
	if !registered(c, n.Answer.RedirectURI) || !strings.HasPrefix(to, n.Answer.RedirectURI) {
		t.Fatalf("%s: got a redirect to %q; want one of %q", c.Name, to, c.RedirectURIs)
	}
	u, err := url.Parse(to)
	was, _ := url.Parse(n.Answer.RedirectURI)
	if err != nil || u.Scheme != was.Scheme || u.Host != was.Host || u.Path != was.Path || u.Fragment != "" {
		t.Fatalf("got %q, %v; want it to lead where %q does", to, err, n.Answer.RedirectURI)
	}
	told := u.Query()
	state := sent.Get("state")
	if len(state) > 2048 {
		state = ""
	}
	if told.Get("state") != state || told.Has("state") != (state != "") || len(told["state"]) > 1 {
		t.Errorf("got state %q; want %q", told["state"], state)
	}
	if !slices.Equal(told["iss"], []string{issuer}) {
		t.Errorf("got iss %q; want %q once", told["iss"], issuer)
	}
	if told.Has("code") == told.Has("error") || told.Has("error") != (n.Fault != nil) || len(told["code"])+len(told["error"]) != 1 || told.Has("access_token") {
		t.Errorf("got %v; want a code or an error", told)
	}
	if told.Has("code") && (n.Asked.Session == "" || c.Name != "web") {
		t.Errorf("%s got a code; want consent asked", c.Name)
	}
}

// registered reads a URI in another way than the server does: as a URL whose parts are compared.
func registered(c client.Client, uri string) bool {
	return slices.ContainsFunc(c.RedirectURIs, func(r string) bool {
		if r == uri {
			return true
		}
		a, err := url.Parse(r)
		b, err2 := url.Parse(uri)
		if err != nil || err2 != nil || !c.Native || a.Scheme != "http" || b.User != nil {
			return false
		}
		port, err := strconv.Atoi(b.Port())
		return (b.Port() == "" || err == nil && port > 0 && port < 65536) && b.Scheme == "http" && a.Hostname() == b.Hostname() &&
			a.Path == b.Path && a.RawQuery == b.RawQuery && b.Fragment == ""
	})
}

// checkWaiting holds a request that is kept for a person against what was sent.
func (e *endpoint) checkWaiting(t *testing.T, sent url.Values, n authorize.Next) {
	t.Helper()
	c, r := e.clients[sent.Get("client_id")], n.Asked
	if n.Handle.Empty() || n.Client.ID != c.ID || r.Client != c.ID || !registered(c, r.RedirectURI) || r.State != sent.Get("state") {
		t.Errorf("%s: got %+v; want a request of this client, to a place of this client", c.Name, r)
	}
	if !c.MayUse("authorization_code") || r.ResponseType != "code" || r.Challenge == "" && !c.WithoutPKCE {
		t.Errorf("%s: got %+v; want a code, bound to its sender", c.Name, r)
	}
	if !r.Scopes.Within(catalog.Names()) || !c.Scopes.Empty() && !r.Scopes.Within(c.Scopes) {
		t.Errorf("%s: got scopes %q; want no more than the client may have", c.Name, r.Scopes)
	}
	for _, resource := range r.Audience {
		if !slices.Contains(c.Audience, resource) {
			t.Errorf("%s: got resource %q; want one of %q", c.Name, resource, c.Audience)
		}
	}
	if n.Stage == authorize.Ask && (n.User.ID != e.alice.ID || r.Login) {
		t.Errorf("%s: got a question to %q; want the person who signed in asked", c.Name, n.User.ID)
	}
}
