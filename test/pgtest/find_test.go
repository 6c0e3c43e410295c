package pgtest

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestTheFirstServerThereIsIsUsed(t *testing.T) {
	t.Parallel()
	there := func(name string) func(context.Context) (place, error) {
		return func(context.Context) (place, error) { return place{url: name, about: name}, nil }
	}
	missing := func(context.Context) (place, error) { return place{}, errors.New("not\nhere") }
	const dsn = "postgres://somebody@somewhere/db"
	for _, c := range []struct {
		name    string
		machine machine
		want    string
	}{
		{"a given URL comes first", machine{dsn, "", there("docker"), there("local")}, dsn},
		{"then Docker", machine{"", "postgres", there("docker"), there("local")}, "docker"},
		{"then initdb", machine{"", "", missing, there("local")}, "local"},
		{"required Docker passes over a given URL", machine{dsn, "postgres, docker", there("docker"), there("local")}, "docker"},
		{"required Docker is not replaced", machine{dsn, "docker", missing, there("local")}, ""},
		{"nothing is there", machine{"", "", missing, missing}, ""},
		{"a URL of another kind is refused", machine{"host=somewhere", "", there("docker"), there("local")}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := c.machine.find(t.Context())
			if got.url != c.want || (err != nil) != (c.want == "") {
				t.Errorf("got %q, %v; want %q", got.url, err, c.want)
			}
		})
	}
}

func TestTheLineThatSaysHowToGetAServer(t *testing.T) {
	t.Parallel()
	missing := func(context.Context) (place, error) { return place{}, errors.New("not\nhere") }
	_, err := machine{"", "", missing, missing}.find(t.Context())
	if !errors.Is(err, errNone) {
		t.Fatalf("got %v; want errNone, which skips", err)
	}
	got := err.Error()
	for _, want := range []string{"PASSPORT_TEST_DATABASE_URL", "Docker", "apt-get install postgresql", "not here"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q; want it to name %s", got, want)
		}
	}
	if strings.Contains(got, "\n") {
		t.Errorf("got %q; want one line", got)
	}
}

func TestAMistakenURLIsNoReasonToSkip(t *testing.T) {
	t.Parallel()
	if _, err := given("mysql://somewhere/db"); err == nil || errors.Is(err, errNone) {
		t.Errorf("got %v; want an error that fails the test", err)
	}
}
