package boltstore

import (
	"context"
	"fmt"

	"github.com/gopassport/passport/domain/audit"
)

var journal = plain[audit.Entry]("journal")

// Append implements ports.Journal.
func (s *Store) Append(ctx context.Context, entries ...audit.Entry) error {
	return s.change(ctx, entries, func(*txn) error { return nil })
}

// Entries implements ports.Journal.
func (s *Store) Entries(ctx context.Context, limit int) ([]audit.Entry, error) {
	return look(ctx, s, func(tx *txn) ([]audit.Entry, error) {
		var newest []audit.Entry
		bucket := tx.Bucket([]byte(journal.name))
		if bucket == nil {
			return nil, nil
		}
		c := bucket.Cursor()
		for k, v := c.Last(); k != nil && len(newest) < limit; k, v = c.Prev() {
			newest = append(newest, journal.decode(tx, v))
		}
		return newest, nil
	})
}

// note stores entries under their time; those of one moment in the order in which they came.
func note(tx *txn, entries []audit.Entry) {
	for _, e := range entries {
		micros := uint64(e.At.UnixMicro()) ^ 1<<63 // so that times before 1970 sort before those after
		journal.put(tx, fmt.Sprintf("%020d %020d", micros, tx.sequence(journal.name)), e)
	}
}
