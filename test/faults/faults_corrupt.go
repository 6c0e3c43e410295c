package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// corruptRows changes one column of one row at a time: bits of digests, salts, seals and keys, JSON of another shape or none, words that
// nobody knows, numbers and times that are none. The request that meets the row is refused, or told that the server cannot answer;
// nothing opens, nobody panics, everything else goes on, and once the row is as it was so is the request. What is sealed in the
// database is sealed by MACs: private keys, the only thing that is to be read again, are not in it.
func corruptRows(ctx context.Context, t *trial) error {
	db, err := t.openDB()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	s := &surgery{trial: t, db: db, server: t.servers[0]}
	if err := s.open(ctx); err != nil {
		return err
	}
	for t.again(ctx) {
		for _, admit := range []func(context.Context) (sample, error){
			s.accessToken, s.code, s.family, s.client, s.person, s.session, s.consent, s.signingKey,
		} {
			p, err := admit(ctx)
			if err == nil {
				err = s.operate(ctx, p)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", p.table, err)
			}
		}
	}
	if s.wounds < 30 {
		return fmt.Errorf("only %d columns could be changed: nothing was tried", s.wounds)
	}
	return nil
}

// surgery is who changes rows.
type surgery struct {
	*trial
	db     *sql.DB
	server *server
	app    party // whose rows they are
	people int   // that were made
	wounds int
}

// sample is a row, and the request that meets it.
type sample struct {
	table string
	where string // the row is, with its id as $1
	id    any
	made  []change
	ask   func(ctx context.Context) (page, error)
	opens func(p page) bool // whether an answer is that of a sound row
	aside bool              // nobody depends on the row: requests are answered all the same
	stamp string            // the column that tells versions of the row apart, if it is remembered: without it nobody looks again at once
}

// change is a way to change a column.
type change struct {
	column string
	values func(old any, engine string) []any
	lax    bool // what comes of it may be another sound value
}

// operate changes each column in each way, one after the other.
func (s *surgery) operate(ctx context.Context, p sample) error {
	s.must(ctx, p, "a row that nobody changed")
	for _, c := range p.made {
		var old any
		read := fmt.Sprintf("SELECT %s FROM %s WHERE %s", c.column, p.table, p.where)
		if err := s.db.QueryRowContext(ctx, read, p.id).Scan(&old); err != nil {
			return fmt.Errorf("%s: %w", c.column, err)
		}
		write := func(v any) error { return s.write(ctx, p, c.column, v) }
		for _, v := range c.values(old, s.engine) {
			if err := write(v); err != nil {
				continue // the database does not let it in
			}
			s.wounds++
			s.examine(ctx, p, c, fmt.Sprintf("%s.%s = %.40q", p.table, c.column, fmt.Sprint(v)))
			if err := write(old); err != nil {
				return fmt.Errorf("put %s back: %w", c.column, err)
			}
		}
	}
	s.must(ctx, p, "a row that is as it was")
	return nil
}

func (s *surgery) write(ctx context.Context, p sample, column string, v any) error {
	set, args := column+" = $2", []any{p.id, v}
	if p.stamp != "" {
		set, args = set+", "+p.stamp+" = $3", append(args, s.moment())
	}
	_, err := s.db.ExecContext(ctx, fmt.Sprintf("UPDATE %s SET %s WHERE %s", p.table, set, p.where), args...)
	return err
}

// moment is the present as the database keeps it.
func (s *surgery) moment() any {
	now := time.Now().UTC().Truncate(time.Microsecond)
	if s.engine == "sqlite" {
		return now.Format("2006-01-02 15:04:05.999999-07:00")
	}
	return now
}

// examine sends the request that meets the row, and one that has nothing to do with it.
func (s *surgery) examine(ctx context.Context, p sample, c change, what string) {
	got, err := p.ask(ctx)
	switch {
	case err != nil:
		s.complain("%s: %v", what, err)
	case p.aside && !p.opens(got):
		s.complain("%s: got %d %.100s; want the answer that there is without the row", what, got.status, got.body)
	case !p.aside && !c.lax && p.opens(got):
		s.complain("%s: got %d; want a refusal", what, got.status)
	case !slices.Contains(answers, got.status):
		s.complain("%s: got %d %.100s", what, got.status, got.body)
	case strings.Contains(got.body, "SQLSTATE") || strings.Contains(got.body, "SQLite") || strings.Contains(got.body, "sql:"):
		s.complain("%s: the answer tells of the database: %.100s", what, got.body)
	}
	if _, n := s.machine(ctx, s.server); n != granted {
		s.complain("%s: got %s for somebody else's request; want tokens", what, n)
	}
}

// answers are the statuses that a request may come to whose row is not sound.
var answers = []int{
	http.StatusOK, http.StatusSeeOther, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests,
	http.StatusInternalServerError, http.StatusServiceUnavailable,
}

// must sends a request that is to succeed, unless there were so many that a limit is met.
func (s *surgery) must(ctx context.Context, p sample, what string) {
	got, err := p.ask(ctx)
	if err != nil || !p.opens(got) && got.status != http.StatusTooManyRequests {
		s.complain("%s of %s: got %d %.100s, %v; want the request answered", what, p.table, got.status, got.body, err)
	}
}
