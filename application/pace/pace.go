// Package pace refuses what is asked too often.
package pace

import (
	"context"
	"fmt"
	"time"

	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/ports"
)

// Admit counts an attempt in every bucket, before anything else is done for it, and refuses it where one has no room; counts are exact
// across processes.
func Admit(ctx context.Context, book ports.AttemptBook, at time.Time, reason fault.Reason, detail string, buckets ...ports.Bucket) error {
	wait, err := book.Attempt(ctx, buckets, at)
	if err != nil {
		return fmt.Errorf("count attempt: %w", err)
	}
	if wait > 0 {
		return fault.TooMany(reason, wait, detail)
	}
	return nil
}
