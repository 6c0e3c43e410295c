package pages_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/httpapi/pages"
)

func TestWaitNeverSaysLessThanIsMeant(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second:             "",
		0:                        "",
		time.Second:              "in a few seconds",
		11 * time.Second:         "in a minute",
		time.Minute:              "in a minute",
		61 * time.Second:         "in 2 minutes",
		time.Hour:                "in 60 minutes",
		time.Hour + time.Second:  "in 2 hours",
		24*time.Hour - time.Hour: "in 23 hours",
	} {
		if got := pages.Wait(d); got != want {
			t.Errorf("%v: got %q; want %q", d, got, want)
		}
	}
}

func TestNamesAreShownAsTheyRead(t *testing.T) {
	t.Parallel()
	p := builtIn(t)
	for given, want := range map[string]string{
		"  Acme \n\t Orders ":      "Acme Orders",
		"Ac\u202eme\u200b Orders":  "Acme Orders",
		"Müller & Söhne":           "Müller &amp; Söhne",
		"می\u200cخواهم":            "می\u200cخواهم",
		"Acme\u2028Orders\u3000Co": "Acme Orders Co",
		"\u202e\u2066":             "An app without a name",
	} {
		if page := render(t, p, pages.Consent{App: given}); !strings.Contains(page, "<h1><bdi>"+want+"</bdi>") {
			t.Errorf("%q: got %s; want %s", given, page, want)
		}
	}
}

func TestAnAppHasAnInitial(t *testing.T) {
	t.Parallel()
	for app, want := range map[string]string{"acme": "A", "«élan»": "É", "9 to 5": "9", "東京": "東", "!!": "?", "": "?"} {
		if got := (pages.Consent{App: app}).Initial(); got != want {
			t.Errorf("%q: got %q; want %q", app, got, want)
		}
	}
}
