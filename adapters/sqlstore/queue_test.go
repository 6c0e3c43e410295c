package sqlstore

import (
	"slices"
	"testing"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

// Whoever was told to lead and left instead must not take the lead along: nobody would ever lead again.
func TestWhoeverLeavesInsteadOfLeadingPassesTheLeadOn(t *testing.T) {
	t.Parallel()
	q := new(queue)
	first, leads := q.join(t.Context(), token.Issuance{Access: token.Access{ID: "1"}})
	second, _ := q.join(t.Context(), token.Issuance{Access: token.Access{ID: "2"}})
	third, alsoLeads := q.join(t.Context(), token.Issuance{Access: token.Access{ID: "3"}})
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
	if _, leads := q.join(t.Context(), token.Issuance{}); !leads {
		t.Error("after all have left: got nobody to lead; want whoever comes")
	}
}

// The order is that of births.go.
func TestABatchIsSortedByWhatItsCommitsLock(t *testing.T) {
	t.Parallel()
	born := func(id, family string) token.Issuance {
		f := grant.Family{ID: grant.ID(family), Subject: subject.OfUser(id)}
		return token.Issuance{Opens: &f, Access: token.Access{ID: "x", Family: f.ID}}
	}
	q := new(queue)
	for _, i := range []token.Issuance{
		{Access: token.Access{ID: "b"}},
		{Access: token.Access{Family: "2"}},
		born("bob", "0"),
		{Access: token.Access{ID: "a"}},
		{Access: token.Access{Family: "1"}},
		born("ada", "9"),
		{Access: token.Access{Family: "1"}},
	} {
		q.join(t.Context(), i)
	}
	var got []string
	for _, w := range q.take() {
		got = append(got, w.key)
	}
	if want := []string{"9", "0", "1", "2", "a", "b"}; !slices.Equal(got, want) {
		t.Errorf("batch: got %v; want %v", got, want)
	}
	if len(q.waiting) != 1 || q.waiting[0].key != "1" {
		t.Errorf("left: got %d; want the second use of a family", len(q.waiting))
	}
}
