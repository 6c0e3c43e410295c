package main

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite"
)

// store is a pool of connections to PostgreSQL, or a SQLite file with one writer and some readers.
type store struct {
	pg          *pgxpool.Pool
	read, write *prepared
}

// conns is how many connections to PostgreSQL serve best where it shares a core.
const conns = 16

func open(address string) (*store, error) {
	s := &store{}
	var err error
	if strings.HasPrefix(address, "postgres") {
		err = s.openPostgres(address)
	} else {
		s.write, err = openFile(address, 1)
		if err == nil {
			s.read, err = openFile(address, max(4, runtime.GOMAXPROCS(0)))
		}
	}
	for _, table := range tables(s.pg != nil) {
		if err == nil {
			_, err = s.commit(context.Background(), change{pg: table, lite: []string{table}, any: true})
		}
	}
	return s, err
}

func (s *store) openPostgres(address string) error {
	c, err := pgxpool.ParseConfig(address)
	if err != nil {
		return err
	}
	c.MaxConns, c.MinConns = conns, 1
	s.pg, err = pgxpool.NewWithConfig(context.Background(), c)
	return err
}

// change is a durable step: for PostgreSQL one statement, for SQLite a transaction of several, each of which must change a row.
type change struct {
	pg   string
	lite []string
	any  bool // it may change none
}

// commit makes a change, whole or not at all, and says whether it did.
func (s *store) commit(ctx context.Context, c change, args ...any) (bool, error) {
	if s.pg != nil {
		tag, err := s.pg.Exec(ctx, c.pg, args...)
		return tag.RowsAffected() > 0, err
	}
	if len(c.lite) == 1 {
		return changed(s.write.exec(ctx, nil, c.lite[0], args))
	}
	for _, step := range c.lite { // the transaction will hold the only connection
		if _, err := s.write.of(ctx, step); err != nil {
			return false, err
		}
	}
	tx, err := s.write.db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	for _, step := range c.lite {
		if ok, err := changed(s.write.exec(ctx, tx, step, args)); err != nil || !ok {
			return false, errors.Join(err, tx.Rollback())
		}
	}
	return true, tx.Commit()
}

func changed(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

// find reads the one row there is and says whether there is one.
func (s *store) find(ctx context.Context, query string, key any, into ...any) (bool, error) {
	var err error
	if s.pg != nil {
		err = s.pg.QueryRow(ctx, query, key).Scan(into...)
	} else {
		err = s.read.find(ctx, query, key, into)
	}
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// fill writes rows in one commit.
func (s *store) fill(ctx context.Context, rows []row) error {
	if s.pg != nil {
		var b pgx.Batch
		for _, r := range rows {
			b.Queue(r.into, r.args...)
		}
		return s.pg.SendBatch(ctx, &b).Close()
	}
	tx, err := s.write.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if _, err := tx.ExecContext(ctx, r.into, r.args...); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

// prepared is a pool whose statements are prepared once.
type prepared struct {
	db  *sql.DB
	all sync.Map // of *sql.Stmt by text
}

func openFile(path string, conns int) (*prepared, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return &prepared{db: db}, db.Ping()
}

func (p *prepared) of(ctx context.Context, text string) (*sql.Stmt, error) {
	if known, ok := p.all.Load(text); ok {
		return known.(*sql.Stmt), nil
	}
	made, err := p.db.PrepareContext(ctx, text)
	if err == nil {
		p.all.Store(text, made)
	}
	return made, err
}

// exec runs a statement, within a transaction if there is one.
func (p *prepared) exec(ctx context.Context, tx *sql.Tx, text string, args []any) (sql.Result, error) {
	stmt, err := p.of(ctx, text)
	if err != nil {
		return nil, err
	}
	if tx != nil {
		stmt = tx.StmtContext(ctx, stmt)
	}
	return stmt.ExecContext(ctx, args...)
}

func (p *prepared) find(ctx context.Context, query string, key any, into []any) error {
	stmt, err := p.of(ctx, query)
	if err != nil {
		return err
	}
	return stmt.QueryRowContext(ctx, key).Scan(into...)
}
