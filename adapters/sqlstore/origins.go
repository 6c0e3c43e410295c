package sqlstore

import (
	"context"
	"slices"

	"github.com/gopassport/passport/ports"
)

var _ ports.OriginLister = (*Store)(nil)

// Origins implements ports.OriginLister. The few clients that have any are read whole; who asks keeps the answer for a while.
func (s *Store) Origins(ctx context.Context) ([]string, error) {
	var rows []list
	err := s.read.NewSelect().Model((*clientRow)(nil)).Column("origins").Where("origins IS NOT NULL").Where("disabled_at IS NULL").
		Scan(ctx, &rows)
	if err != nil {
		return nil, s.wrap("list origins", err)
	}
	all := slices.Concat(rows...)
	slices.Sort(all)
	return slices.Compact(all), nil
}
