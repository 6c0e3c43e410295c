package sqlstore_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/test/pgtest"
)

// onEach runs a benchmark on both engines.
func onEach(b *testing.B, run func(b *testing.B, s *sqlstore.Store)) {
	b.Run("sqlite", func(b *testing.B) { run(b, open(b, sqlstore.Config{URL: sqliteURL(b), Migrate: true})) })
	b.Run("postgres", func(b *testing.B) { run(b, open(b, sqlstore.Config{URL: pgtest.URL(b, migrated)})) })
}

// perform does something b.N times, by a number of callers at once. Each of them begins something of its own.
func perform(b *testing.B, callers int, begin func() func() error) {
	var left atomic.Int64
	var all sync.WaitGroup
	does := make([]func() error, callers)
	for i := range does {
		does[i] = begin()
	}
	left.Store(int64(b.N))
	b.ResetTimer()
	for _, do := range does {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				if err := do(); err != nil {
					b.Errorf("got error %v; want success", err)
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "/s")
	b.ReportMetric(0, "ns/op")
}

type committer func(ctx context.Context, i token.Issuance) error

// BenchmarkCommit compares commits that go each by itself with those that share a transaction where they meet.
//
//	go test -run - -bench Commit -cpu 1,2 ./adapters/sqlstore
func BenchmarkCommit(b *testing.B) {
	onEach(b, func(b *testing.B, s *sqlstore.Store) {
		c := addClient(b, s)
		for _, callers := range []int{1, 2, 4, 16, 64} {
			for _, way := range []string{"direct", "together"} {
				commit := map[string]committer{"direct": s.CommitAlone, "together": s.Commit}[way]
				b.Run(fmt.Sprintf("own/%d/%s", callers, way), func(b *testing.B) {
					counted(b, s, func() { perform(b, callers, func() func() error { return owning(b, c, commit) }) })
				})
				b.Run(fmt.Sprintf("refresh/%d/%s", callers, way), func(b *testing.B) {
					counted(b, s, func() { perform(b, callers, func() func() error { return refreshing(b, s, c, commit) }) })
				})
			}
		}
	})
}

// counted reports how many commits shared a transaction.
func counted(b *testing.B, s *sqlstore.Store, run func()) {
	before := s.Coalesced()
	run()
	after := s.Coalesced()
	if batches := after.Batches - before.Batches; batches > 0 {
		b.ReportMetric(float64(after.Commits-before.Commits)/float64(batches), "commits/batch")
	}
}

func owning(b *testing.B, c client.Client, commit committer) func() error {
	return func() error { return commit(b.Context(), own(c)) }
}

func refreshing(b *testing.B, s *sqlstore.Store, c client.Client, commit committer) func() error {
	a := approve(b, s, c, subject.OfUser(newID()))
	i := redemption(a)
	if err := s.Commit(b.Context(), i); err != nil {
		b.Fatalf("redeem: got error %v; want success", err)
	}
	from := uint32(0)
	return func() error {
		from++
		return commit(b.Context(), step(a.Family, from, 10*time.Second))
	}
}

// own is a client's token for itself.
func own(c client.Client) token.Issuance {
	return token.Issuance{At: now(), Access: accessOf(grant.Family{Client: c.ID, Subject: subject.OfClient(string(c.ID)), Scopes: c.Scopes})}
}

// BenchmarkLook is what a request reads.
func BenchmarkLook(b *testing.B) {
	onEach(b, func(b *testing.B, s *sqlstore.Store) {
		c := addClient(b, s)
		a := approve(b, s, c, subject.OfUser(newID()))
		i := redemption(a)
		commit(b, s, i)
		for _, look := range []struct {
			name string
			at   func() error
		}{
			{"client", func() error { _, err := s.FindClient(b.Context(), c.ID); return err }},
			{"code", func() error { _, err := s.FindCode(b.Context(), []secret.Digest{a.Code.Digest}); return err }},
			{"ratchet", func() error { _, err := s.FindRatchet(b.Context(), a.Family.ID); return err }},
			{"access", func() error { _, err := s.FindAccess(b.Context(), i.Access.ID); return err }},
		} {
			for _, callers := range []int{1, 16, 64} {
				b.Run(fmt.Sprintf("%s/%d", look.name, callers), func(b *testing.B) {
					perform(b, callers, func() func() error { return look.at })
				})
			}
		}
	})
}

// BenchmarkPool is what the default of database_max_conns rests on: 64 callers over pools of several sizes.
func BenchmarkPool(b *testing.B) {
	for _, conns := range []int{4, 8, 16, 32, 64} {
		s := open(b, sqlstore.Config{URL: pgtest.URL(b, migrated), MaxConns: conns})
		c := addClient(b, s)
		i := own(c)
		commit(b, s, i)
		for name, do := range map[string]func() error{
			"look":   func() error { _, err := s.FindAccess(b.Context(), i.Access.ID); return err },
			"direct": owning(b, c, s.CommitAlone),
			"mixed": func() error {
				if _, err := s.FindClient(b.Context(), c.ID); err != nil {
					return err
				}
				return s.Commit(b.Context(), own(c))
			},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, conns), func(b *testing.B) {
				perform(b, 64, func() func() error { return do })
			})
		}
	}
}
