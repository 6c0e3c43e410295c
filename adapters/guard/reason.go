package guard

import (
	"errors"
	"fmt"
	"log/slog"
)

// trouble says why something cannot be known, in words that a log may hold: what was being done, and an error of the network or of a
// document that everybody may read.
type trouble struct {
	doing string
	cause error
}

func (t *trouble) Error() string        { return t.doing + ": " + t.cause.Error() }
func (t *trouble) Unwrap() error        { return t.cause }
func (t *trouble) LogValue() slog.Value { return slog.StringValue(t.Error()) }

// reason is what a log may hold of an error: what it says by slog.LogValuer. Of any other there is the type of what it began with, for
// its text may quote a token.
func reason(err error) string {
	var v slog.LogValuer
	if errors.As(err, &v) {
		return v.LogValue().String()
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return fmt.Sprintf("(an error of type %T)", err)
}
