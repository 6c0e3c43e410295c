package sqlstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/ports"
)

var _ ports.AttemptBook = (*Store)(nil)

type attemptRow struct {
	bun.BaseModel `bun:"table:oauth_attempts"`

	Bucket    digest `bun:",pk"`
	Count     int64
	StartedAt stamp
	EndsAt    stamp
}

func bucketOf(b ports.Bucket) digest { return sha256.Sum256([]byte(b.Name)) }

// windowOver: it has ended, or was begun by a clock so far ahead that it would begin only after the attempt's own would end.
const windowOver = "a.ends_at <= excluded.started_at OR a.started_at > excluded.ends_at"

// Attempt implements ports.AttemptBook: one statement counts in all buckets. They are sorted, so that two attempts that share
// buckets wait for each other in one order.
func (s *Store) Attempt(ctx context.Context, buckets []ports.Bucket, at time.Time) (time.Duration, error) {
	limits := map[digest]ports.Bucket{}
	for _, b := range buckets {
		limits[bucketOf(b)] = b
	}
	if len(limits) == 0 {
		return 0, nil
	}
	rows := make([]attemptRow, 0, len(limits))
	for id, b := range limits {
		rows = append(rows, attemptRow{Bucket: id, Count: 1, StartedAt: stampOf(at), EndsAt: stampOf(at.Add(b.Window))})
	}
	slices.SortFunc(rows, func(a, b attemptRow) int { return bytes.Compare(a.Bucket[:], b.Bucket[:]) })

	var counted []attemptRow
	err := s.again(ctx, func() error {
		counted = nil
		_, err := s.write.NewInsert().Model(&rows).ModelTableExpr("oauth_attempts AS a").
			On("CONFLICT (bucket) DO UPDATE").
			Set("count = CASE WHEN "+windowOver+" THEN 1 ELSE a.count + 1 END").
			Set("started_at = CASE WHEN "+windowOver+" THEN excluded.started_at ELSE a.started_at END").
			Set("ends_at = CASE WHEN "+windowOver+" THEN excluded.ends_at ELSE a.ends_at END").
			Returning("bucket, count, ends_at").Exec(ctx, &counted)
		return err
	})
	if err != nil {
		return 0, s.wrap("count attempt", err)
	}
	var wait time.Duration
	for _, row := range counted {
		if row.Count > int64(limits[row.Bucket].Limit) {
			wait = max(wait, row.EndsAt.time().Sub(at))
		}
	}
	return wait, nil
}

// Forgive implements ports.AttemptBook.
func (s *Store) Forgive(ctx context.Context, buckets []ports.Bucket) error {
	if len(buckets) == 0 {
		return nil
	}
	return s.change(ctx, "forgive attempts", func(tx bun.Tx) error {
		_, err := tx.NewDelete().Model((*attemptRow)(nil)).Where("bucket IN (?)", bun.List(mapped(buckets, bucketOf))).Exec(ctx)
		return err
	})
}
