package main

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// restartDatabase ends PostgreSQL in one way or another, over and over, and starts it at once.
func restartDatabase(how ...syscall.Signal) func(context.Context, *trial) error {
	return func(ctx context.Context, t *trial) error {
		for t.again(ctx) {
			time.Sleep(300 * time.Millisecond)
			pause(ctx, 300)
			if err := t.cluster.stop(how[t.happened%len(how)]); err != nil {
				return err
			}
			if err := t.cluster.start(); err != nil {
				return err
			}
			if err := t.cluster.await(ctx); err != nil {
				return err
			}
			t.after(ctx)
		}
		return nil
	}
}

// databaseAway stops PostgreSQL for a while and looks at what every endpoint says meanwhile.
func databaseAway(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		pause(ctx, 300)
		if err := t.cluster.stop(fast); err != nil {
			return err
		}
		t.during(ctx)
		if err := t.cluster.start(); err != nil {
			return err
		}
		if err := t.cluster.await(ctx); err != nil {
			return err
		}
		t.after(ctx)
	}
	return nil
}

// startFirst starts a server while its database is away. It waits for it, and serves when it comes.
func startFirst(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		s := t.servers[0]
		s.kill()
		if _, err := s.wait(5 * time.Second); err != nil {
			return err
		}
		if err := t.cluster.stop(fast); err != nil {
			return err
		}
		if err := s.start(); err != nil {
			return err
		}
		time.Sleep(time.Second)
		if !s.running() {
			t.complain("a server that was started before its database has ended: %s", s.lastWords())
		}
		if err := t.cluster.start(); err != nil {
			return err
		}
		if err := t.cluster.await(ctx); err != nil {
			return err
		}
		if !s.running() {
			return t.restart(ctx, s)
		}
		t.after(ctx)
	}
	return nil
}

// lockedTable holds a lock that every issuance needs, for longer than a request may take.
func lockedTable(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		pause(ctx, 200)
		release, err := t.holdUp(ctx)
		if err != nil {
			return err
		}
		time.Sleep(t.timeout + 500*time.Millisecond)
		for path, want := range map[string]int{"/livez": 200, "/readyz": 200, "/oauth/jwks": 200} {
			if got, err := probe(ctx, t.servers[0].base()+path); got != want {
				t.complain("GET %s while a table is locked: got %d, %v; want %d", path, got, err, want)
			}
		}
		if err := release(); err != nil {
			return err
		}
		t.after(ctx)
	}
	return nil
}

// secondWriter lets another process write to the same file, for moments and once for longer than a request may take.
func secondWriter(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		for range 10 {
			release, err := t.holdUp(ctx)
			if err != nil {
				return err
			}
			pause(ctx, 60)
			if err := release(); err != nil {
				return err
			}
			pause(ctx, 30)
		}
		release, err := t.holdUp(ctx)
		if err != nil {
			return err
		}
		time.Sleep(t.timeout + 2*time.Second)
		if err := release(); err != nil {
			return err
		}
		t.after(ctx)
	}
	return nil
}

// othersHoldAll lets somebody else take every connection that PostgreSQL has, and none is left for us.
func othersHoldAll(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		give, err := t.takeAllConnections(ctx)
		if err != nil {
			return err
		}
		t.during(ctx)
		give()
		t.after(ctx)
	}
	return nil
}

// takeAllConnections takes what there is until the servers have none: theirs are cut, and somebody else's come instead.
func (t *trial) takeAllConnections(ctx context.Context) (give func(), err error) {
	var taken []*pgx.Conn
	give = func() {
		for _, c := range taken {
			_ = c.Close(ctx)
		}
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		for _, p := range t.proxies {
			p.cut()
		}
		for failed := 0; failed < 3; {
			c, err := pgx.Connect(ctx, t.databaseURL()+"&application_name=somebody")
			if err != nil {
				failed++
				continue
			}
			taken = append(taken, c)
		}
		var others int
		const count = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'somebody'"
		if err := taken[0].QueryRow(ctx, count).Scan(&others); err != nil || others == 0 {
			return give, err
		}
	}
	give()
	return nil, errors.New("the servers keep their connections")
}
