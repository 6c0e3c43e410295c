// Package record stores and tells what happened without a change of its own.
package record

import (
	"context"
	"fmt"

	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/ports"
)

// Recorder records.
type Recorder struct {
	journal   ports.Journal
	listeners issue.Listeners
}

// New makes a Recorder.
func New(j ports.Journal, l issue.Listeners) *Recorder { return &Recorder{j, l} }

// Store keeps entries, then tells them. What was not stored was not told.
func (r *Recorder) Store(ctx context.Context, entries ...audit.Entry) error {
	if err := r.journal.Append(ctx, entries...); err != nil {
		return fmt.Errorf("record what happened: %w", err)
	}
	r.listeners.Tell(ctx, entries...)
	return nil
}

// Tell tells what is not worth a row.
func (r *Recorder) Tell(ctx context.Context, entries ...audit.Entry) {
	r.listeners.Tell(ctx, entries...)
}
