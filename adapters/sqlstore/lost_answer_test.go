package sqlstore_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/test/pgtest"
)

// lossy is a wire to a database that can be cut in the middle of an answer.
type lossy struct {
	net.Listener
	to  string
	cut atomic.Int32 // so many answers are lost, each with its connection
}

func newLossy(t *testing.T, to string) *lossy {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p := &lossy{Listener: l, to: to}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.carry(c)
		}
	}()
	return p
}

func (p *lossy) carry(c net.Conn) {
	defer c.Close()
	s, err := new(net.Dialer).DialContext(context.Background(), "tcp", p.to)
	if err != nil {
		return
	}
	defer s.Close()
	go func() { _, _ = io.Copy(s, c) }()
	answer := make([]byte, 64<<10)
	for {
		n, err := s.Read(answer)
		if err != nil || p.cut.Load() > 0 && p.cut.Add(-1) >= 0 {
			return
		}
		if _, err := c.Write(answer[:n]); err != nil {
			return
		}
	}
}

func TestAnAnswerThatWasLostIsAskedForOnceMore(t *testing.T) {
	t.Parallel()
	at, err := url.Parse(pgtest.URL(t, migrated))
	if err != nil {
		t.Fatal(err)
	}
	wire := newLossy(t, at.Host)
	at.Host = wire.Addr().String()
	s := open(t, sqlstore.Config{URL: at.String(), MaxConns: 1})
	c := addClient(t, s)
	for name, makeOne := range map[string]func() token.Issuance{
		"opening":    func() token.Issuance { return opening(c, subject.OfUser("somebody")) },
		"redemption": func() token.Issuance { return redemption(approve(t, s, c, subject.OfUser("somebody"))) },
	} {
		warm, i := makeOne(), makeOne()
		for _, told := range []*token.Issuance{&warm, &i} {
			told.Entries = []audit.Entry{{Kind: audit.RefreshRestored, At: now(), Object: string(told.Access.ID)}}
		}
		commit(t, s, warm) // the plan is known from here on: the next answer is the commit's
		wire.cut.Store(1)
		commit(t, s, i)
		if left := wire.cut.Load(); left > 0 {
			t.Fatalf("%s: got no answer lost; want one", name)
		}
		if n := entriesAbout(t, s, i.Access.ID); n != 1 {
			t.Errorf("%s: got %d entries; want 1", name, n)
		}
		again := makeOne()
		wire.cut.Store(2)
		if err := s.Commit(t.Context(), again); err == nil {
			t.Errorf("%s with both answers lost: got success; want an error", name)
		}
		wire.cut.Store(0)
	}
}

func TestAnEndWhoseAnswerWasLostIsToldOfOnce(t *testing.T) {
	t.Parallel()
	at, err := url.Parse(pgtest.URL(t, migrated))
	if err != nil {
		t.Fatal(err)
	}
	wire := newLossy(t, at.Host)
	at.Host = wire.Addr().String()
	s := open(t, sqlstore.Config{URL: at.String(), MaxConns: 1})
	c := addClient(t, s)
	for name, end := range map[string]func(i token.Issuance, e audit.Entry) error{
		"family": func(i token.Issuance, e audit.Entry) error {
			return s.RevokeGrant(t.Context(), grant.Revocation{Family: i.Access.Family, At: now()}, e)
		},
		"access token": func(i token.Issuance, e audit.Entry) error {
			return s.RevokeAccess(t.Context(), i.Access.ID, now(), e)
		},
	} {
		for _, lost := range []int32{0, 1} { // first the statement is prepared
			i := opening(c, someone())
			commit(t, s, i)
			wire.cut.Store(lost)
			if err := end(i, audit.Entry{Kind: audit.TokenRevoked, At: now(), Object: string(i.Access.ID)}); err != nil {
				t.Errorf("%s: got error %v; want success", name, err)
			}
			if left := wire.cut.Load(); left > 0 {
				t.Fatalf("%s: got no answer lost; want one", name)
			}
			dead(t, s, i.Access.ID)
			if n := entriesAbout(t, s, i.Access.ID); n != 1 {
				t.Errorf("%s: got %d entries; want 1", name, n)
			}
		}
	}
}

func entriesAbout(t *testing.T, s *sqlstore.Store, id token.ID) (n int) {
	t.Helper()
	all, err := s.Entries(t.Context(), 100)
	if err != nil {
		t.Fatalf("entries: got error %v; want success", err)
	}
	for _, e := range all {
		if e.Object == string(id) {
			n++
		}
	}
	return n
}
