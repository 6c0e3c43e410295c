package guard_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// said is an inspector that says what it is told to.
type said struct {
	access token.Access
	err    error
}

func (s said) Inspect(context.Context, secret.Value) (token.Access, error) { return s.access, s.err }

func TestWhatAnInspectorSays(t *testing.T) {
	t.Parallel()
	good := token.Access{ID: "id", Client: "app", Subject: subject.OfUser("1"), Audience: []string{orders}}
	changed := func(change func(*token.Access)) said {
		a := good
		change(&a)
		return said{access: a}
	}
	for name, tc := range map[string]struct {
		said   said
		status int
	}{
		"a good token":            {said{access: good}, 200},
		"none":                    {said{err: fmt.Errorf("look: %w", ports.ErrNotFound)}, 401},
		"trouble":                 {said{err: errors.New("connection reset")}, 503},
		"trouble beside a token":  {said{good, errors.New("connection reset")}, 503},
		"another audience":        {changed(func(a *token.Access) { a.Audience = []string{"https://other.example"} }), 401},
		"no audience":             {changed(func(a *token.Access) { a.Audience = nil }), 401},
		"G02 no kind of subject":  {changed(func(a *token.Access) { a.Subject.Kind = "" }), 401},
		"no subject":              {changed(func(a *token.Access) { a.Subject = subject.Subject{} }), 401},
		"an unheard subject kind": {changed(func(a *token.Access) { a.Subject.Kind = "robot" }), 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, err := guard.InProcess(tc.said, orders, quiet)
			g = made(t, g, err)
			if a := call(g.RequireToken, "Bearer a.b.c"); a.Code != tc.status || a.served != (tc.status == 200) {
				t.Errorf("got %d %s; want %d", a.Code, a.Body, tc.status)
			}
		})
	}
}

// hushed says what a log may hold of it.
type hushed struct{ error }

func (hushed) LogValue() slog.Value { return slog.StringValue("the database is gone") }

// The words of an error that was not made for a log may quote a token.
func TestTheLogQuotesNothing(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]string{
		errors.New("cannot find a.b.c"): "(an error of type *errors.errorString)", hushed{errors.New("cannot find a.b.c")}: "the database is gone",
	} {
		var log bytes.Buffer
		g, err := guard.InProcess(said{err: fmt.Errorf("inspect: %w", cause)}, orders, guard.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		g = made(t, g, err)
		refused(t, call(g.RequireToken, "Bearer a.b.c"), http.StatusServiceUnavailable, "temporarily_unavailable")
		if strings.Contains(log.String(), "a.b.c") || !strings.Contains(log.String(), want) {
			t.Errorf("got log %q; want %q and no token", log.String(), want)
		}
	}
}

// Who has gone away causes no alarm.
func TestARequestThatWasGivenUp(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	g, err := guard.InProcess(said{err: context.Canceled}, orders, guard.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	g = made(t, g, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Bearer a.b.c")
	if a := do(g.RequireToken, r); a.served || log.Len() != 0 {
		t.Errorf("got served %v and log %q; want neither", a.served, log.String())
	}
}
