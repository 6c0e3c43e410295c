package sqlstore

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gopassport/passport/domain/token"
)

// usedAtOnce is how many tokens one statement marks: a few milliseconds of the one writer.
const usedAtOnce = 500

// MarkUsed implements ports.AccessBook. The tokens are sorted, so that two processes that mark the same ones wait in one order.
func (s *Store) MarkUsed(ctx context.Context, seen map[token.ID]time.Time) error {
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(seen)), usedAtOnce) {
		statement, args := s.usedStatement(ids, seen)
		err := s.again(ctx, func() error {
			_, err := s.write.ExecContext(ctx, statement, args...)
			return err
		})
		if err != nil {
			return s.wrap("mark tokens used", err)
		}
	}
	return nil
}

// usedStatement updates from a list of values. The first of them says what type they are.
func (s *Store) usedStatement(ids []token.ID, seen map[token.ID]time.Time) (statement string, args []any) {
	types := s.types()
	values := "(CAST(? AS " + types.UUID + "), CAST(? AS " + types.Time + "))" + strings.Repeat(", (?, ?)", len(ids)-1)
	for _, id := range ids {
		args = append(args, string(id), stampOf(seen[id]))
	}
	return `UPDATE oauth_access_tokens AS a SET used_at = v.column2 FROM (VALUES ` + values + `) AS v
		WHERE a.id = v.column1 AND (a.used_at IS NULL OR a.used_at < v.column2)`, args
}
