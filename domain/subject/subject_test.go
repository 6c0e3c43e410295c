package subject_test

import (
	"testing"

	"github.com/gopassport/passport/domain/subject"
)

func TestValid(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		given subject.Subject
		want  bool
	}{
		{"a person", subject.OfUser("1"), true},
		{"a client for itself", subject.OfClient("1"), true},
		{"nobody", subject.Subject{}, false},
		{"a person without an id", subject.OfUser(""), false},
		{"a client without an id", subject.OfClient(""), false},
		{"an id of no kind", subject.Subject{ID: "1"}, false},
		{"an id of an unknown kind", subject.Subject{Kind: "robot", ID: "1"}, false},
		{"a kind in another case", subject.Subject{Kind: "User", ID: "1"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.given.Valid(); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
		})
	}
}

func TestAPersonIsNoClientOfTheSameID(t *testing.T) {
	t.Parallel()
	if subject.OfUser("1") == subject.OfClient("1") {
		t.Error("got one subject; want two")
	}
}

func TestIsZero(t *testing.T) {
	t.Parallel()
	if !(subject.Subject{}).IsZero() {
		t.Error("the zero subject: got somebody; want nobody")
	}
	for _, s := range []subject.Subject{subject.OfUser("1"), subject.OfUser(""), {ID: "1"}} {
		if s.IsZero() {
			t.Errorf("%v: got nobody; want what is named", s)
		}
	}
}
