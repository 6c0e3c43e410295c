package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"
)

// killAtRandom kills one of the servers at a random moment and starts it again, while the others serve.
func killAtRandom(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		s := t.servers[rand.IntN(len(t.servers))]
		time.Sleep(time.Duration(rand.IntN(200_000)) * time.Microsecond)
		s.kill()
		if err := t.restart(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// restart starts a server that died. It must serve within two seconds.
func (t *trial) restart(ctx context.Context, s *server, extra ...string) error {
	if _, err := s.wait(10 * time.Second); err != nil {
		return err
	}
	since := time.Now()
	if err := s.start(extra...); err != nil {
		return err
	}
	t.recover(ctx, s, since, recoverWithin)
	return nil
}

// killAtPoints kills a server of PostgreSQL before or after a statement of each sort, and as its answer begins to arrive. The proxy
// sees the statement and does the killing: the server is the one that everybody runs.
func killAtPoints(ctx context.Context, t *trial) error {
	sorts := []string{"issuance", "commit", "write"}
	for t.again(ctx) {
		i := rand.IntN(len(t.servers))
		s := t.servers[i]
		died := make(chan struct{})
		if n := t.happened % (2*len(sorts) + 1); n == 2*len(sorts) {
			t.killAtAnswer(s, died)
		} else {
			t.proxies[i].onStatement(killAt(s, sorts[n/2], []moment{beforeStatement, afterStatement}[n%2], 1+rand.Int64N(6), died))
		}
		err := awaitDeath(s, died)
		t.proxies[i].onStatement(nil)
		if err != nil {
			return err
		}
		if err := t.restart(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// killAt kills a server at the nth statement of a sort.
func killAt(s *server, sort string, at moment, nth int64, died chan struct{}) watchFunc {
	var n atomic.Int64
	return func(m moment, statement string) bool {
		if m != at || !is(sort, statement) || n.Add(1) != nth {
			return true
		}
		s.kill()
		close(died)
		return false
	}
}

// killAtAnswer kills the server when it has answered, and loses that answer.
func (t *trial) killAtAnswer(s *server, died chan struct{}) {
	var ambush func(*server)
	ambush = func(who *server) {
		if who != s {
			t.ambush.Store(&ambush)
			return
		}
		s.kill()
		close(died)
	}
	t.ambush.Store(&ambush)
}

func awaitDeath(s *server, died chan struct{}) error {
	select {
	case <-died:
		return nil
	case <-time.After(20 * time.Second):
		return fmt.Errorf("%s met no point to be killed at", s.addr)
	}
}

// killInside lets a SQLite server with hooks kill itself before its Nth row or commit, or kills it at its answer.
func killInside(ctx context.Context, t *trial) error {
	for _, s := range t.servers { // each is armed when it starts
		s.kill()
		if _, err := s.wait(10 * time.Second); err != nil {
			return err
		}
		if err := s.start(anyPoint()); err != nil {
			return err
		}
	}
	for t.again(ctx) {
		s := t.servers[rand.IntN(len(t.servers))]
		if t.happened%5 == 0 {
			died := make(chan struct{})
			t.killAtAnswer(s, died)
			select { // it may have killed itself first
			case <-died:
			case <-s.goneNow():
				t.ambush.Store(nil)
			}
		}
		if _, err := s.wait(30 * time.Second); err != nil {
			return fmt.Errorf("%s met no point to be killed at", s.addr)
		}
		if err := s.start(anyPoint()); err != nil { // it may die while it starts, which is a point like any other
			return err
		}
	}
	for _, s := range t.servers {
		s.kill()
		if err := t.restart(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) goneNow() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone
}

func anyPoint() string {
	if rand.IntN(2) == 0 {
		return fmt.Sprintf("PASSPORT_TEST_FAULT=kill commit %d", 1+rand.IntN(25))
	}
	return fmt.Sprintf("PASSPORT_TEST_FAULT=kill row %d", 1+rand.IntN(50))
}

// terminate ends a server by SIGTERM while requests are held up in the database: it says that it leaves before it does, each request is
// answered, and the exit is a clean one.
func terminate(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		s := t.servers[0]
		release, err := t.holdUp(ctx)
		if err != nil {
			return err
		}
		keeps := &http.Client{Transport: &http.Transport{}, Timeout: 5 * time.Second}
		if closes, err := closing(ctx, keeps, s); err != nil || closes {
			t.complain("before SIGTERM: got %v, closing: %v; want a connection that is kept", err, closes)
		}
		const inFlight = 20
		answers := make(chan class, inFlight)
		for range inFlight {
			go func() {
				_, n := t.machine(context.WithoutCancel(ctx), s)
				answers <- n
			}()
		}
		time.Sleep(300 * time.Millisecond)
		s.signal(syscall.SIGTERM)
		t.leaves(ctx, s, keeps)
		if err := release(); err != nil {
			return err
		}
		for range inFlight {
			if n := <-answers; n != granted {
				t.complain("a request in flight at SIGTERM came to: %s", n)
			}
		}
		if code, err := s.wait(25 * time.Second); err != nil || code != 0 {
			t.complain("SIGTERM: got exit %d, %v; want 0", code, err)
		}
		if err := t.restart(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// leaves checks that a server which was told to end says so, and serves all the same: to whoever has a connection, which it closes, and
// to whoever comes.
func (t *trial) leaves(ctx context.Context, s *server, keeps *http.Client) {
	t.becomes(ctx, s, false, shutdownDelay/2)
	if closes, err := closing(ctx, keeps, s); err != nil || !closes {
		t.complain("after SIGTERM: got %v, closing: %v; want an answer that ends its connection", err, closes)
	}
	if status, err := probe(ctx, s.base()+"/livez"); status != http.StatusOK {
		t.complain("after SIGTERM: got %d, %v for a new connection; want it served", status, err)
	}
}

// closing asks on a connection that was kept, and reports whether the answer ends it.
func closing(ctx context.Context, c *http.Client, s *server) (bool, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base()+"/livez", nil)
	if err != nil {
		return false, err
	}
	res, err := c.Do(r)
	if err != nil {
		return false, err
	}
	_, err = io.Copy(io.Discard, res.Body)
	return res.Close, errors.Join(err, res.Body.Close())
}

// holdUp keeps everybody from writing until it is released.
func (t *trial) holdUp(ctx context.Context) (func() error, error) {
	db, err := t.openDB()
	if err != nil {
		return nil, err
	}
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	begin := "BEGIN IMMEDIATE"
	if t.engine == "postgres" {
		begin = "BEGIN; LOCK TABLE oauth_access_tokens IN ACCESS EXCLUSIVE MODE"
	}
	if _, err := c.ExecContext(ctx, begin); err != nil {
		return nil, err
	}
	return func() error {
		_, err := c.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		_ = c.Close()
		_ = db.Close()
		return err
	}, nil
}
