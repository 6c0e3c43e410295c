package pages

import (
	"time"

	"github.com/gopassport/passport/domain/secret"
)

// samples is every page twice: bare, and with all that it can show, so that a trial meets each branch of a template.
func samples() []View {
	p := Page{Product: "Acme", Stylesheet: "/passport.css", RequestID: "0198-7c4e", Lang: "en"}
	words := []string{"See your orders"}
	boxes := []Choice{{"profile", "See your name", true}, {"orders", "See your orders", false}}
	mine, day := Mine{"pp_request_0", "ada", "/login"}, time.Unix(0, 0)
	return []View{
		Login{},
		Login{p, "pp_request_0", "Acme Orders", "ada", "Username or password is wrong.", "/login", []string{"staff"}},
		Consent{},
		Consent{p, "pp_request_0", "Acme Orders", "Ada Lovelace", "ada", "acme.example", "", false, words, boxes, words, "/oauth/authorize", "/login"},
		Consent{p, "pp_request_0", "TV", "Ada Lovelace", "ada", "", "the address 192.0.2.7", true, words, nil, nil, "/oauth/device/authorize", "/login"},
		DeviceCode{},
		DeviceCode{p, "pp_request_0", "BCDF-GHJK", "This code is not known.", "/oauth/device"},
		DeviceDone{},
		DeviceDone{p, "TV", true},
		Tokens{},
		Tokens{
			p, mine, secret.Of("a token"), "Backup", "A token needs a name.", "Backup", boxes, boxes,
			[]Token{{ID: "1", Name: "Backup"}, {"2", "Report", words, day, day, day}},
			"/tokens", "/tokens/revoke",
		},
		Apps{},
		Apps{p, mine, []App{{}, {"1", "Acme Orders", words, day}}, "/apps"},
		Problem{},
		Problem{p, "This link does not work", "It is too old.", "invalid_request", "request_stale", "in a minute", "/"},
		Home{},
		Home{p, "Ada Lovelace", "ada", "/tokens", "/apps", "/logout"},
		Logout{},
		Logout{p, "pp_request_0", "Ada Lovelace", "/logout", "/"},
		SignedOut{},
		SignedOut{p, "/login"},
	}
}
