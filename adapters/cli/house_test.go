package cli

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopassport/passport/application/housekeeping"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// book remembers what was written down.
type book struct {
	ports.AccessBook
	wrote chan map[token.ID]time.Time
}

func (b book) MarkUsed(_ context.Context, seen map[token.ID]time.Time) error {
	b.wrote <- seen
	return nil
}

func TestWhatWasSeenIsWrittenDownBeforeTheStorageCloses(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.want(t, exitOK, "install")
	wrote, open := make(chan map[token.ID]time.Time, 1), true
	b.storage = func(ctx context.Context) (ports.Storage, func(), error) {
		p, _, err := b.inMemory(ctx)
		p.AccessBook = book{p.AccessBook, wrote}
		return p, func() { open = len(wrote) == 0 }, err
	}
	b.seen = []token.Access{{ID: "0198c0de-0000-7000-8000-00000000000a", Name: "laptop"}}
	ctx, signal := context.WithCancel(t.Context())
	b.serve = func(ctx context.Context, _ config) error {
		signal()
		<-ctx.Done()
		if len(wrote) > 0 {
			t.Error("got it written down while the server still served")
		}
		return nil
	}
	if r := b.runIn(t, ctx, "serve"); r.code != exitOK || len(wrote) != 1 || open {
		t.Errorf("got exit %d and %d writes; want one, before the storage closes", r.code, len(wrote))
	}
}

// hall is a purge that fails as it is told, or with its context. It tells when it begins; where it fails, when it begins again, for only then
// the first failure was heard of.
type hall struct {
	begun chan struct{}
	calls *atomic.Int32
	err   error
}

func (h hall) Purge(ctx context.Context, _ ports.Waste) (ports.Purged, error) {
	first := int32(1)
	if h.err != nil {
		first = 2
	}
	if h.calls.Add(1) == first {
		close(h.begun)
	}
	if h.err != nil {
		return ports.Purged{}, h.err
	}
	<-ctx.Done()
	return ports.Purged{}, ctx.Err()
}

func TestAServerPurgesAndLogsWhatFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want string
	}{
		{errors.New("the secret word"), "an error of type *errors.errorString"},
		{safe("in words that quote nothing"), "in words that quote nothing"},
		{nil, ""}, // the end of the server cuts it short
	} {
		h := hall{make(chan struct{}), new(atomic.Int32), tt.err}
		b := newBench()
		b.want(t, exitOK, "install")
		b.house = housekeeping.Config{Every: time.Millisecond}
		b.storage = func(ctx context.Context) (ports.Storage, func(), error) {
			p, done, err := b.inMemory(ctx)
			p.Purger = h
			return p, done, err
		}
		b.serve = func(context.Context, config) error { <-h.begun; return nil }
		b.want(t, exitOK, "serve")
		if said := b.log.String(); tt.want == "" && said != "" {
			t.Errorf("got %q; want nothing said of the end", said)
		}
		contains(t, b.log.String(), tt.want)
		lacks(t, b.log.String(), "the secret word")
	}
}

// safe is an error that says of itself that it may stand in a log.
type safe string

func (s safe) Error() string        { return "the secret word" }
func (s safe) LogValue() slog.Value { return slog.StringValue(string(s)) }

func TestLegacyGrantsAreLoggedAtTheStart(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.want(t, exitOK, "install")
	b.want(t, exitOK, "serve")
	lacks(t, b.log.String(), "OAuth 2.1")
	b.env = append(b.env, "PASSPORT_GRANTS_PASSWORD=true", "PASSPORT_GRANTS_IMPLICIT=true")
	b.want(t, exitOK, "serve")
	contains(t, b.log.String(), "OAuth 2.1 has dropped the password grant", "setting=grants.password", "setting=grants.implicit")
}
