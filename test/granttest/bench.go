package granttest

import (
	"context"
	"maps"
	"time"

	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
)

// tb is the part of testing.TB that cases use, so that their verdict on a faulty grant can be observed.
type tb interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// bench is what a case lives in.
type bench struct {
	tb
	*World
	subject Subject
	grant   *heard
	server  *exchange.Service
	broken  error // why there is no server
	stored  *watch
	other   client.Client // as good as World.Client, and another
}

// secretText is the secret of every client here.
const secretText = "the secret of every client here"

func newBench(t tb, open Open, subject Make) *bench {
	t.Helper()
	w := newWorld(t, open)
	b := &bench{tb: t, World: w, stored: newWatch(&w.Storage)}
	b.subject = subject(w)
	b.sound()
	b.grant = &heard{Grant: b.subject.Grant}
	b.server, b.broken = b.serve()
	b.Client.Grants = append(b.Client.Grants, b.grant.Type(), "refresh_token")
	if !b.Client.Public() {
		b.Client.Auth = client.Post
		b.Client.Secrets = []client.Secret{{Digest: w.Peppers.Digest(secret.Of(secretText)), CreatedAt: w.Clock.Now()}}
	}
	b.other = b.Client
	b.other.ID = client.ID(w.Random.UUID())
	for _, c := range []client.Client{b.Client, b.other} {
		w.Must("register a client", w.Storage.ClientBook.AddClient(t.Context(), c))
	}
	return b
}

// sound refuses a subject that says too little for a verdict.
func (b *bench) sound() {
	b.Helper()
	s := b.subject
	if s.Grant == nil || s.Good == nil {
		b.Fatalf("the subject needs a Grant and a Good")
	}
	if _, lacks := s.Lacks[Expiry]; s.Life <= 0 && !lacks {
		b.Fatalf("the subject needs a Life, or lacks %s", Expiry)
	}
	reasons := maps.Clone(s.Optional)
	if reasons == nil {
		reasons = map[string]string{}
	}
	maps.Copy(reasons, s.Free)
	for lacked, why := range s.Lacks {
		reasons[string(lacked)] = why
	}
	for name, why := range reasons {
		if why == "" {
			b.Fatalf("%s: got no reason; want one", name)
		}
	}
}

// decide asks the grant alone. It sees what it declared.
func (b *bench) decide(ctx context.Context, sent map[string]string) (grant.Authorization, error) {
	seen := map[string]string{}
	for _, name := range b.grant.Params() {
		if v, ok := sent[name]; ok {
			seen[name] = v
		}
	}
	return b.subject.Grant.Authorize(ctx, b.Client, exchange.ParamsOf(seen))
}

// ask asks the pipeline, for scopes if they are not "".
func (b *bench) ask(c client.Client, sent map[string]string, scopes string) (issue.Answer, error) {
	b.Helper()
	b.running()
	form := map[string][]string{"grant_type": {b.grant.Type()}, "client_id": {string(c.ID)}}
	if !c.Public() {
		form["client_secret"] = []string{secretText}
	}
	if scopes != "" {
		form["scope"] = []string{scopes}
	}
	for name, v := range sent {
		form[name] = []string{v}
	}
	return b.server.Exchange(b.Context(), clientauth.Presented{Form: clientauth.NewForm(form), Source: "192.0.2.1"})
}

// running demands that there is a server.
func (b *bench) running() {
	b.Helper()
	if b.broken != nil {
		b.Fatalf("start the server: got error %v; want success", b.broken)
	}
}

// gets demands a token.
func (b *bench) gets(what string, sent map[string]string) {
	b.Helper()
	if _, err := b.ask(b.Client, sent, ""); err != nil {
		b.Fatalf("%s: got error %v; want a token", what, err)
	}
}

// pause lets as much time pass as a well-behaved client leaves between two tries, and a small part of what a credential lives.
func (b *bench) pause() {
	d := 6 * time.Second
	if life := b.subject.Life / 20; life > 0 && life < d {
		d = life
	}
	b.Clock.Advance(d)
}

// with returns what is sent with one parameter changed.
func with(sent map[string]string, name, value string) map[string]string {
	changed := maps.Clone(sent)
	changed[name] = value
	return changed
}

// without returns what is sent but for one parameter.
func without(sent map[string]string, name string) map[string]string {
	left := maps.Clone(sent)
	delete(left, name)
	return left
}
