package sqlstore

import (
	"context"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/token"
)

// Whatever befalls the one that leads, those who came with it are told to try by themselves.
func TestAPanicIsItsLeadersAlone(t *testing.T) {
	t.Parallel()
	s := &Store{engine: panicking{}}
	s.queue = s.deeds(0)
	first, leads := s.queue.join(t.Context(), deed{issuance: token.Issuance{Access: token.Access{ID: "1"}}})
	second, _ := s.queue.join(t.Context(), deed{issuance: token.Issuance{Access: token.Access{ID: "2"}}})
	if !leads {
		t.Fatal("nobody leads")
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("got no panic; this shows nothing")
			}
		}()
		_, _ = s.queue.lead(first)
	}()
	select {
	case told := <-second.word:
		if told.err == nil || told.lead {
			t.Errorf("got %+v; want to be told that the batch was undone", told)
		}
	case <-time.After(10 * time.Second):
		t.Error("nobody told the second one anything")
	}
}

type panicking struct{ engine }

func (panicking) commitAll(context.Context, []deed) ([]bool, error) { panic("of the leader") }

// check is what Commit does before it joins anybody.
func TestClaimsThatAreNoJSONMeetNobody(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		claim any
		fits  bool
	}{"a text": {"acme", true}, "a function": {func() {}, false}} {
		i := token.Issuance{Access: token.Access{ID: "1", Claims: map[string]any{"x": tc.claim}}}
		if err := check(i); (err == nil) != tc.fits {
			t.Errorf("%s: got %v; want it to pass: %v", name, err, tc.fits)
		}
	}
}
