package sqlstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/ports"
)

var _ ports.Purger = (*Store)(nil)

// Purge implements ports.Purger. It deletes rows and drops no partitions: those would be cut by id, and so by birth, while rows die at
// times of their own, some after an hour and some after a year. The look-up of a token by its id took half as long again.
func (s *Store) Purge(ctx context.Context, w ports.Waste) (ports.Purged, error) {
	var p ports.Purged
	for _, rows := range allWaste {
		if rows.revoked && !w.Revoked || !rows.revoked && !w.Expired {
			continue
		}
		if err := s.sweep(ctx, rows, w, &p); err != nil {
			return p, s.wrap("purge", err)
		}
	}
	return p, nil
}

// sweep removes rows of one kind, in transactions that are as short as the engine wants them.
func (s *Store) sweep(ctx context.Context, rows waste, w ports.Waste, p *ports.Purged) error {
	for {
		most := min(rows.room(*p, w.Limit), s.sweepAtOnce())
		if most <= 0 {
			return nil
		}
		var gone ports.Purged
		err := s.again(ctx, func() error {
			return s.write.RunInTx(ctx, s.isolation(), func(ctx context.Context, tx bun.Tx) (err error) {
				gone, err = rows.remove(ctx, tx, s.deleteStatement(rows, most), rows.before(w))
				return err
			})
		})
		if err != nil {
			return err
		}
		*p = p.Plus(gone)
		if *rows.count(&gone) < most {
			return nil
		}
	}
}

// deleteStatement finds the oldest rows by their index and removes them by their keys. What is true of them it asks again when it has
// them: somebody may have changed one meanwhile.
func (s *Store) deleteStatement(rows waste, most int) string {
	return "DELETE FROM " + rows.table + " AS w WHERE " + s.among("w."+rows.key, rows.oldest(most)) + " AND " + rows.still()
}

// remove runs the statement and counts what it removed.
func (r waste) remove(ctx context.Context, tx bun.Tx, statement string, before stamp) (gone ports.Purged, err error) {
	if r.table == families {
		return removeFamilies(ctx, tx, statement, before)
	}
	n, err := changed(tx.ExecContext(ctx, statement, before))
	*r.count(&gone) = int(n)
	return gone, err
}

// removeFamilies removes with families what is kept for their sake: credentials that never expire by themselves, and the tokens that they
// were born with. Of a personal access token, which may have a long life before it, that is the only one.
func removeFamilies(ctx context.Context, tx bun.Tx, statement string, before stamp) (gone ports.Purged, err error) {
	var rows []struct {
		ID      string
		SpentBy text
	}
	if err := tx.NewRaw(statement+" RETURNING id, spent_by", before).Scan(ctx, &rows); err != nil || len(rows) == 0 {
		return gone, err
	}
	ids, tokens := make([]string, len(rows)), make([]text, len(rows))
	for i, row := range rows {
		ids[i], tokens[i] = row.ID, row.SpentBy
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM oauth_spent_credentials WHERE family_id IN (?) AND expires_at IS NULL", bun.List(ids))
	if err != nil {
		return gone, err
	}
	n, err := changed(tx.ExecContext(ctx, "DELETE FROM oauth_access_tokens WHERE id IN (?)", bun.List(tokens)))
	return ports.Purged{AccessTokens: int(n), RefreshTokens: len(rows)}, err
}
