package granttest

import (
	"context"
	"strings"

	"github.com/gopassport/passport/domain/fault"
)

// hostile are texts that nobody's credential looks like. The HTTP side lets neither NUL nor invalid UTF-8 through.
var hostile = []string{
	" ", `"`, `\`, "'; DROP TABLE users; --", "%s%n%d", "../../etc/passwd", "\r\nSet-Cookie: a=b", "\u202e\u00e9\U0001F600",
	strings.Repeat("a", 10_000), "0", "-1", "null", "{}", "pp_ac_", "*",
}

func refusalsAreFaults(b *bench) {
	for _, name := range b.subject.Grant.Params() {
		for _, text := range hostile {
			_, err := b.decide(b.Context(), with(b.subject.Good(), name, text))
			b.pause()
			b.wellSaid(name, text, err)
		}
	}
}

// wellSaid demands that an error is a refusal that can be shown to anybody.
func (b *bench) wellSaid(name, text string, err error) {
	b.Helper()
	if err == nil {
		return // see everyParameterMatters
	}
	if len(text) > 40 {
		text = text[:40] + "..."
	}
	f, isFault := fault.As(err)
	switch {
	case !isFault:
		b.Errorf("%s=%q: got the plain error %v; want a fault", name, text, err)
	case !printable(f.Detail):
		b.Errorf("%s=%q: got the detail %q; want printable ASCII without quotes and backslashes (RFC 6749, 5.2)", name, text, f.Detail)
	case !printable(string(f.Code)) || isCode(err, fault.InvalidClient, fault.UnsupportedGrantType):
		b.Errorf("%s=%q: got the code %q; want one of a grant's, such as invalid_grant", name, text, f.Code)
	}
}

func printable(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e || r == '"' || r == '\\' }) < 0
}

func refusalsRepeatNothing(b *bench) {
	for _, name := range b.subject.Grant.Params() {
		var details []string
		for range 2 {
			sent := with(b.subject.Good(), name, b.Text())
			_, err := b.decide(b.Context(), sent)
			b.pause()
			if err == nil {
				continue
			}
			b.silentAbout(sent, err)
			if f, isFault := fault.As(err); isFault {
				details = append(details, f.Detail)
			}
		}
		if len(details) == 2 && details[0] != details[1] {
			b.Errorf("wrong %s: got %q, and then %q; want the same words", name, details[0], details[1])
		}
	}
}

// silentAbout demands that an error holds nothing that was sent.
func (b *bench) silentAbout(sent map[string]string, err error) {
	b.Helper()
	said := err.Error()
	if f, isFault := fault.As(err); isFault {
		said += f.Detail + string(f.Reason)
	}
	for name, v := range sent {
		if len(v) >= 6 && strings.Contains(said, v) {
			b.Errorf("refuse: got an error that repeats %s; want fixed words", name)
		}
	}
}

// troubleIsNoVerdict asks for a caller who has left: whatever storage or service the grant asks will fail.
func troubleIsNoVerdict(b *bench) {
	ctx, leave := context.WithCancel(b.Context())
	sent := b.subject.Good()
	leave()
	_, err := b.decide(ctx, sent)
	if f, isFault := fault.As(err); isFault {
		b.Errorf("under a context that has ended: got %s; want an authorization, or an error that is no fault", f.Code)
	}
}

func refusedBurnsNothing(b *bench) {
	sent := b.subject.Good()
	b.notAllowed(sent)
	if _, err := b.ask(b.Client, sent, Admin); !isCode(err, fault.InvalidScope) {
		b.Errorf("ask for a scope that the client may not have: got %v; want %s", err, fault.InvalidScope)
	}
	b.pause()
	for _, name := range b.subject.Grant.Params() {
		if _, free := b.subject.Free[name]; free {
			continue
		}
		for _, bad := range []map[string]string{with(sent, name, b.Text()), without(sent, name)} {
			if _, err := b.decide(b.Context(), bad); err == nil {
				continue // see everyParameterMatters
			}
			b.pause()
		}
	}
	b.gets("the right credential, after all that was refused", sent)
}

// notAllowed demands that a client which is not registered for the type is refused before the grant is asked.
func (b *bench) notAllowed(sent map[string]string) {
	b.Helper()
	c, was := b.other, b.other.UpdatedAt
	c.Grants = []string{"another_grant"}
	b.Must("take the grant from a client", b.Storage.ClientBook.UpdateClient(b.Context(), c, was))
	before := b.grant.times.Load()
	_, err := b.ask(c, sent, "")
	if !isCode(err, fault.UnauthorizedClient) || b.grant.times.Load() != before {
		b.Errorf("a client that may not use the grant: got %v; want %s, and the grant not asked", err, fault.UnauthorizedClient)
	}
}
