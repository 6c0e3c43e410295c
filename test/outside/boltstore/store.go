// Package boltstore is a storage of another team's: everything in one file, by go.etcd.io/bbolt, a key-value store. It knows ports
// and domain, and nothing else of Passport.
//
// bbolt has one writer at a time, and its transactions are serializable and on disk when they return. So every promise of the ports
// is kept by looking first and writing then, in one transaction, and nothing here has to be clever about concurrency.
//
// It also locks its file: one process serves from it, and a second one, be it only a command, is refused when it opens.
package boltstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/ports"
)

// Config says where everything lies.
type Config struct {
	File string `koanf:"bolt_file"`
}

// Store is an open file.
type Store struct {
	db    *bbolt.DB
	clock ports.Clock
}

// Open opens a file, and makes it where there is none. The clock measures grace windows: it is the storage's own.
func Open(file string, clock ports.Clock) (*Store, error) {
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{Timeout: time.Second})
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return nil, fmt.Errorf("open %s: another process has it", file)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	return &Store{db, clock}, nil
}

// Close closes the file once the transactions in it have ended.
func (s *Store) Close() error { return s.db.Close() }

// Ports gives every storage port by this one store.
func Ports(s *Store) ports.Storage {
	return ports.Storage{
		Ledger: s, CodeFinder: s, RefreshFinder: s, AccessBook: s, DeviceBook: s, TokenLister: s,
		RequestBook: s, ApprovalBook: s, ConsentBook: s,
		ClientFinder: s, ClientBook: s, OriginLister: s, OwnerLister: s, PersonalClients: s, UserFinder: s, UserBook: s,
		SessionBook: s, AttemptBook: s, KeyBook: s, AppKeyBook: s,
		Journal: s, Purger: s, Migrator: s, Health: s,
	}
}

// errSame ends a change that found everything as it should be: the caller hears success, and no entry is stored.
var errSame = errors.New("nothing to change")

// change runs do in the one writing transaction of the moment and stores the entries in the same. What do refuses leaves nothing
// behind, whatever it has written. A caller who left while waiting in line changes nothing.
func (s *Store) change(ctx context.Context, entries []audit.Entry, do func(*txn) error) error {
	err := s.db.Update(func(b *bbolt.Tx) error {
		tx := &txn{Tx: b, now: utc(s.clock.Now()), err: ctx.Err()}
		if tx.err != nil {
			return tx.err
		}
		err := do(tx)
		if tx.err != nil {
			return tx.err // what do saw was not what is stored: its verdict is none
		}
		if err != nil {
			return err
		}
		note(tx, entries)
		return tx.err
	})
	if errors.Is(err, errSame) {
		return nil
	}
	return err
}

// look runs a reading function in a transaction of its own.
func look[T any](ctx context.Context, s *Store, read func(*txn) (T, error)) (T, error) {
	var got, none T
	err := s.db.View(func(b *bbolt.Tx) (err error) {
		tx := &txn{Tx: b, now: utc(s.clock.Now()), err: ctx.Err()}
		got, err = read(tx)
		if tx.err != nil {
			return tx.err
		}
		return err
	})
	if err != nil {
		return none, err
	}
	return got, nil
}

// found turns what a table knows into what a port promises.
func found[D any](d D, ok bool) (D, error) {
	if !ok {
		return d, ports.ErrNotFound
	}
	return d, nil
}

// utc is a time as every storage gives it back: UTC in whole microseconds.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
