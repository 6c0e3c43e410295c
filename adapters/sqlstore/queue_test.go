package sqlstore

import (
	"slices"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

// Whoever was told to lead and left instead must not take the lead along: nobody would ever lead again.
func TestWhoeverLeavesInsteadOfLeadingPassesTheLeadOn(t *testing.T) {
	t.Parallel()
	q := new(Store).deeds(0)
	first, leads := q.join(t.Context(), own("1"))
	second, _ := q.join(t.Context(), own("2"))
	third, alsoLeads := q.join(t.Context(), own("3"))
	if !leads || alsoLeads || first == second {
		t.Fatalf("got %t, %t; want the first to lead and no other", leads, alsoLeads)
	}
	q.waiting = q.waiting[1:] // the first goes by itself
	q.pass()
	q.leave(second)
	if told := <-third.word; !told.lead {
		t.Errorf("got %+v; want the next one told to lead", told)
	}
	q.leave(third)
	if _, leads := q.join(t.Context(), deed{}); !leads {
		t.Error("after all have left: got nobody to lead; want whoever comes")
	}
}

// The order is that of births.go.
func TestABatchIsSortedByWhatItsDeedsLock(t *testing.T) {
	t.Parallel()
	born := func(id, family string) deed {
		f := grant.Family{ID: grant.ID(family), Subject: subject.OfUser(id)}
		return deed{issuance: token.Issuance{Opens: &f, Access: token.Access{ID: "x", Family: f.ID}}}
	}
	of := func(family string) deed {
		return deed{issuance: token.Issuance{Access: token.Access{ID: "x", Family: grant.ID(family)}}}
	}
	q := new(Store).deeds(0)
	for _, d := range []deed{
		own("b"),
		of("3"),
		{ends: familyEnding("2", time.Time{}, nil)},
		born("bob", "0"),
		{ends: accessEnding("c", time.Time{}, nil)},
		own("a"),
		of("1"),
		born("ada", "9"),
		{ends: familyEnding("1", time.Time{}, nil)},
		{ends: accessEnding("a", time.Time{}, nil)},
	} {
		q.join(t.Context(), d)
	}
	var got []string
	for _, w := range q.take() {
		got = append(got, w.key)
	}
	if want := []string{"9", "0", "1", "2", "3", "a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("batch: got %v; want %v", got, want)
	}
	if len(q.waiting) != 2 || q.waiting[0].key != "1" || q.waiting[1].key != "a" {
		t.Errorf("left: got %d; want the ends of a family and of a token that others of the batch use", len(q.waiting))
	}
}

// own is a deed that concerns nothing but an access token.
func own(id token.ID) deed { return deed{issuance: token.Issuance{Access: token.Access{ID: id}}} }
