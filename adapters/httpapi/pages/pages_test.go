package pages_test

import (
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/gopassport/passport/adapters/httpapi/pages"
	"github.com/gopassport/passport/domain/secret"
)

// views is every page, with one text in the place of all that comes from outside.
func views(s string) map[string]pages.View {
	p := pages.Page{Product: "Acme", Stylesheet: "/assets/passport.css", RequestID: s}
	return map[string]pages.View{
		"login": pages.Login{Page: p, Handle: s, App: s, Username: s, Problem: s, Action: "/login"},
		"consent": pages.Consent{
			Page: p, Handle: s, App: s, Account: s, Username: "ada", Destination: s, From: s, Scopes: []string{s, s}, Choices: []pages.Choice{{Value: "orders", Text: s}}, Resources: []string{s},
			Action: "/authorize", SwitchAction: "/login",
		},
		"problem":   pages.Problem{Page: p, Title: s, Text: s, Code: s, Reason: s, Retry: s, BackTo: s},
		"device":    pages.DeviceCode{Page: p, Handle: s, UserCode: s, Problem: s, Action: "/device"},
		"connected": pages.DeviceDone{Page: p, App: s, Allowed: true},
		"refused":   pages.DeviceDone{Page: p, App: s},
		"tokens": pages.Tokens{
			Page: p, Mine: pages.Mine{Handle: s, Account: s, Home: "/login"}, MadeName: s, Problem: s, Name: s, Scopes: []pages.Choice{{Value: "orders", Text: s}},
			Tokens: []pages.Token{{ID: "1", Name: s, Scopes: []string{s}}}, Action: "/tokens", RevokeAction: "/tokens/revoke",
		},
		"apps": pages.Apps{
			Page: p, Mine: pages.Mine{Handle: s, Account: s, Home: "/login"}, Apps: []pages.App{{Client: "1", Name: s, Scopes: []string{s}}}, Action: "/apps",
		},
		"home":       pages.Home{Page: p, Account: s, Username: s, TokensAction: "/tokens", AppsAction: "/apps", LogoutAction: "/logout"},
		"logout":     pages.Logout{Page: p, Handle: s, Account: s, Action: "/logout", Stay: "/"},
		"signed out": pages.SignedOut{Page: p, LoginAction: "/login"},
	}
}

func builtIn(t *testing.T) *pages.Pages {
	t.Helper()
	p, err := pages.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func render(t *testing.T, p *pages.Pages, v pages.View) string {
	t.Helper()
	var page strings.Builder
	if err := p.Write(&page, v); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

var (
	tags      = regexp.MustCompile(`<[a-zA-Z][^>]*>`)
	handlers  = regexp.MustCompile(`(?i)[\s"']on[a-z]+\s*=|[\s"']style\s*=`)
	links     = regexp.MustCompile(`(?:href|src|action)="([^"]*)"`)
	invisible = regexp.MustCompile(`[\x{202a}-\x{202e}\x{2066}-\x{2069}\x{200e}\x{200f}\x{061c}\x{feff}\x00]`)
)

func TestNothingFromOutsideBecomesMarkup(t *testing.T) {
	t.Parallel()
	p := builtIn(t)
	for what, hostile := range map[string]string{
		"markup":    `"><script>alert(1)</script><img src=//evil.example onerror=alert(1) style="x">`,
		"quotes":    `' autofocus onfocus='alert(1)' style='x`,
		"template":  `{{.Handle}}`,
		"script":    `javascript:alert(1)`,
		"elsewhere": `https://evil.example/`,
		"reversed":  "Acme \u202eevil\u202c \u2066x\u2069 \u200f\u061c\ufeff",
		"broken":    "a\x00b\xff\xfe\r\nc",
		"long":      strings.Repeat("<b>long</b>", 1024),
	} {
		for name, v := range views(hostile) {
			page := render(t, p, v)
			for _, tag := range tags.FindAllString(page, -1) {
				if strings.HasPrefix(tag, "<script") || strings.HasPrefix(tag, "<img") || handlers.MatchString(outsideQuotes(tag)) {
					t.Errorf("%s, %s: got %s", what, name, tag)
				}
			}
			for _, l := range links.FindAllStringSubmatch(page, -1) {
				if !strings.HasPrefix(l[1], "/") || strings.HasPrefix(l[1], "//") {
					t.Errorf("%s, %s: got a link to %q; want this server only", what, name, l[1])
				}
			}
			if strings.Contains(page, "<script") || !utf8.ValidString(withoutHandle(page)) {
				t.Errorf("%s, %s: got a script or broken text", what, name)
			}
			if invisible.MatchString(withoutHandle(page)) {
				t.Errorf("%s, %s: got a character nobody sees", what, name)
			}
		}
	}
}

// outsideQuotes is a tag without the values of its attributes.
func outsideQuotes(tag string) string {
	return regexp.MustCompile(`"[^"]*"`).ReplaceAllString(tag, `""`)
}

// withoutHandle takes out the values that are sent back as they came: our own, never somebody's words.
func withoutHandle(page string) string {
	return regexp.MustCompile(`name="(?:handle|account)" value="[^"]*"`).ReplaceAllString(page, "")
}

func TestLongTextsAreCutShort(t *testing.T) {
	t.Parallel()
	p := builtIn(t)
	for name, v := range views(strings.Repeat("w", 10<<10)) {
		if n := len(withoutHandle(render(t, p, v))); n > 5<<10 {
			t.Errorf("%s: got %d bytes; want 5 KiB or less", name, n)
		}
	}
	page := render(t, p, pages.Login{App: strings.Repeat("é", 81)})
	if want := strings.Repeat("é", 79) + "…<"; !strings.Contains(page, want) {
		t.Errorf("got %s; want 79 letters and an ellipsis", page)
	}
	if page := render(t, p, pages.Login{App: strings.Repeat("é", 80)}); !strings.Contains(page, strings.Repeat("é", 80)+"<") {
		t.Error("a name of 80 letters was cut")
	}
}

func TestALongHostKeepsItsEnd(t *testing.T) {
	t.Parallel()
	uri := "https://accounts.acme.example." + strings.Repeat("a.", 100) + "evil.example/callback"
	page := render(t, builtIn(t), pages.Consent{Destination: pages.Destination(uri)})
	if !strings.Contains(page, "evil.example</bdi>") || !strings.Contains(page, "<bdi>…") {
		t.Errorf("got %s; want the end of the host, which says whose it is", page)
	}
}

func TestEveryPageStandsOnItsOwn(t *testing.T) {
	t.Parallel()
	p := builtIn(t)
	for name, v := range views("Acme Orders") {
		page := render(t, p, v)
		for _, want := range []string{`<!doctype html>`, `<html lang="en">`, ` · Acme</title>`, `<main>`, `</html>`, `href="/assets/passport.css"`} {
			if strings.Count(page, want) != 1 {
				t.Errorf("%s: got %d of %s; want 1", name, strings.Count(page, want), want)
			}
		}
		if n := strings.Count(page, "<h1"); n != 1 {
			t.Errorf("%s: got %d headings of the first rank; want 1", name, n)
		}
		for _, never := range []string{"style=", "<style", "<script", "data:", "http:", "https:"} {
			if strings.Contains(page, never) {
				t.Errorf("%s: got %s", name, never)
			}
		}
	}
}

func TestTheSignInFormIsOneThatPasswordManagersKnow(t *testing.T) {
	t.Parallel()
	page := render(t, builtIn(t), pages.Login{Handle: "pp_request_1", App: "Acme Orders", Username: "ada", Problem: "Wrong.", Action: "/login"})
	for _, want := range []string{
		`<form method="post" action="/login">`, `<input type="hidden" name="handle" value="pp_request_1">`,
		`name="username" value="ada" autocomplete="username"`, `name="password" type="password" autocomplete="current-password"`,
		`<label for="username">`, `<label for="password">`, `to continue to <b><bdi>Acme Orders</bdi></b>`, `role="alert">Wrong.</p>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("got %s; want %s in it", page, want)
		}
	}
	if plain := render(t, builtIn(t), pages.Login{}); strings.Contains(plain, "to continue") || strings.Contains(plain, "alert") {
		t.Errorf("got %s; want neither an app nor a problem", plain)
	}
}

func TestConsentFavoursNeitherAnswer(t *testing.T) {
	t.Parallel()
	page := render(t, builtIn(t), pages.Consent{
		Handle: "pp_request_1", App: "Acme Orders", Account: "Ada Lovelace", Username: "ada@acme.example", Destination: "acme.example",
		Scopes: []string{"See your orders"}, Resources: []string{"Orders"}, Action: "/authorize", SwitchAction: "/login?handle=1",
	})
	for _, want := range []string{
		`<bdi>Acme Orders</bdi> wants to access your account`, `Ada Lovelace`, `ada@acme.example`, `See your orders`, `Orders</bdi></li>`,
		`You will be sent to <b><bdi>acme.example</bdi></b>.`, `<a href="/login?handle=1">Use another account</a>`,
		`<input type="hidden" name="handle" value="pp_request_1">`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("got %s; want %s in it", page, want)
		}
	}
	buttons := regexp.MustCompile(`<button[^>]*>[^<]*</button>`).FindAllString(page, -1)
	asDeny := strings.NewReplacer("approve", "deny", "Allow", "Cancel")
	if len(buttons) != 2 || !strings.Contains(buttons[0], `value="deny"`) || asDeny.Replace(buttons[1]) != buttons[0] {
		t.Errorf("got %q; want Cancel and Allow, alike in all but word and value", buttons)
	}
	if strings.Contains(page, "autofocus") {
		t.Error("something has the focus beforehand")
	}
}

func TestAProblemLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	p := builtIn(t)
	for _, to := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "javascript:alert(1)", "evil"} {
		if page := render(t, p, pages.Problem{BackTo: to}); strings.Contains(page, "evil") || strings.Contains(page, "<a ") {
			t.Errorf("%s: got %s; want no link", to, page)
		}
	}
	page := render(t, p, pages.Problem{Page: pages.Page{RequestID: "r-1"}, Title: "No such page", BackTo: "/login"})
	if !strings.Contains(page, `href="/login"`) || !strings.Contains(page, "<code>r-1</code>") || strings.Contains(page, "<details") {
		t.Errorf("got %s; want a link, the request id, and nothing for developers", page)
	}
}

func TestATeamReplacesOneFile(t *testing.T) {
	t.Parallel()
	p, err := pages.New(fstest.MapFS{
		"signed-out.html": {Data: []byte(`{{define "title"}}Bye{{end}}{{define "main"}}<h1>Goodbye</h1>{{end}}`)},
		"passport.css":    {Data: []byte("h1 { color: red }")},
		"README.md":       {Data: []byte("our pages")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if page := render(t, p, pages.SignedOut{}); !strings.Contains(page, "<h1>Goodbye</h1>") || !strings.Contains(page, "<title>Bye · ") {
		t.Errorf("got %s; want the team's page in our frame", page)
	}
	if page := render(t, p, pages.Home{}); !strings.Contains(page, "You are signed in") {
		t.Errorf("got %s; want our page where the team has none", page)
	}
	if string(p.Stylesheet()) != "h1 { color: red }" || p.StylesheetName() == builtIn(t).StylesheetName() {
		t.Error("want the team's stylesheet under a name of its own")
	}
}

func TestABrokenOverrideIsRefusedByName(t *testing.T) {
	t.Parallel()
	for file, text := range map[string]string{
		"login.html":   `{{define "title"}}`,
		"consent.html": `{{define "title"}}{{end}}{{define "main"}}{{.Price}}{{end}}`,
		"logout.html":  `{{define "title"}}only{{end}}`,
		"layout.html":  `{{if}}`,
		"problem.html": `{{define "title"}}{{end}}{{define "main"}}{{with .Code}}{{.Missing}}{{end}}{{end}}`,
		"home.html":    `{{define "title"}}{{end}}{{define "main"}}<a href="{{if .Account}}"{{end}}>{{end}}`,
		"concent.html": `misspelt`,
		"theme.css":    `misnamed`,
	} {
		_, err := pages.New(fstest.MapFS{file: {Data: []byte(text)}})
		if err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got %v; want an error that names the file", file, err)
		}
	}
}

func TestAFailedPageWritesNothing(t *testing.T) {
	t.Parallel()
	trap := `{{define "title"}}{{end}}{{define "main"}}{{if eq .Title "boom"}}{{index .Title 99}}{{end}}{{end}}`
	p, err := pages.New(fstest.MapFS{"problem.html": {Data: []byte(trap)}})
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	if err := p.Write(&page, pages.Problem{Title: "boom"}); err == nil || page.Len() > 0 {
		t.Errorf("got %v and %q; want an error and nothing written", err, page.String())
	}
}

func TestDestinationSaysWhereItGoes(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"https://acme.example/cb?x=1":        "acme.example",
		"https://acme.example:8443/cb":       "acme.example:8443",
		"https://acme.example@evil.example/": "evil.example",
		"http://127.0.0.1:51004/cb":          "a program on this computer",
		"http://[::1]/cb":                    "a program on this computer",
		"http://localhost:3000":              "a program on this computer",
		"http://127.0.0.1.evil.example/":     "127.0.0.1.evil.example",
		"com.acme.app:/cb":                   "an app on this device",
		"com.acme.app://localhost/cb":        "an app on this device",
		"https:///cb":                        "an unknown address",
		"":                                   "an unknown address",
		"%zz":                                "an unknown address",
	} {
		if got := pages.Destination(uri); got != want {
			t.Errorf("%q: got %q; want %q", uri, got, want)
		}
	}
}

func BenchmarkConsent(b *testing.B) {
	p, err := pages.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	v := views("Acme Orders")["consent"]
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Write(io.Discard, v); err != nil {
			b.Fatal(err)
		}
	}
}

func TestADeviceIsAskedForWithCare(t *testing.T) {
	t.Parallel()
	p := builtIn(t)
	page := render(t, p, pages.Consent{App: "TV", Username: "ada", From: pages.From("192.0.2.7"), Elsewhere: true, Action: "/device/authorize"})
	for _, want := range []string{
		"asked from <b><bdi>the address 192.0.2.7</bdi></b>, which is not where you are now", "Go on only if you started this yourself", "You stay here",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("got %s; want %s in it", page, want)
		}
	}
	if near := render(t, p, pages.Consent{From: pages.From("2001:db8::/64")}); !strings.Contains(near, "the network 2001:db8::/64</bdi></b>.") {
		t.Errorf("got %s; want the network alone", near)
	}
	if browser := render(t, p, pages.Consent{Destination: "acme.example"}); strings.Contains(browser, "started this yourself") || strings.Contains(browser, "code") {
		t.Errorf("got %s; want no word of a device", browser)
	}
	if entry := render(t, p, pages.DeviceCode{UserCode: "BCDF-GHJK"}); !strings.Contains(entry, `value="BCDF-GHJK"`) || strings.Contains(entry, "approve") {
		t.Errorf("got %s; want the code filled in and nothing decided", entry)
	}
}

func TestChoicesAreBoxes(t *testing.T) {
	t.Parallel()
	page := render(t, builtIn(t), pages.Consent{
		Scopes: []string{"See your orders"}, Choices: []pages.Choice{{Value: "profile", Text: "See your name", Ticked: true}, {Value: "more", Text: "See more"}},
	})
	for _, want := range []string{
		`<li><bdi>See your orders</bdi></li>`, `name="scope" value="profile" checked> <bdi>See your name</bdi></label>`,
		`name="scope" value="more"> <bdi>See more</bdi></label>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("got %s; want %s in it", page, want)
		}
	}
}

func TestATokenIsShownToBeCopied(t *testing.T) {
	t.Parallel()
	p := builtIn(t)
	day := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	list := []pages.Token{{ID: "7", Name: "Backup", Scopes: []string{"See your orders"}, Created: day, Expires: day.AddDate(0, 0, 30)}}
	page := render(t, p, pages.Tokens{Made: secret.Of("the token"), MadeName: "Backup", Tokens: list})
	for _, want := range []string{
		`<code class="token">the token</code>`, "it is not shown again", "Created 2 January 2026, expires 1 February 2026, never used.", `<button name="token" value="7">`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("got %s; want %s in it", page, want)
		}
	}
	list[0].Used = day
	if page := render(t, p, pages.Tokens{Tokens: list}); strings.Contains(page, "not shown again") || !strings.Contains(page, "last used 2 January 2026.") {
		t.Errorf("got %s; want the list alone", page)
	}
}

// An override of nothing has every built-in page rendered on trial: without one they are believed to work.
func TestTheBuiltInPagesWork(t *testing.T) {
	t.Parallel()
	if _, err := pages.New(fstest.MapFS{}); err != nil {
		t.Error(err)
	}
}
