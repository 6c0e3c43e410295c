package pgtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestTheFirstServerThereIsIsUsed(t *testing.T) {
	t.Parallel()
	there := func(name string) func(context.Context, settings) (place, error) {
		return func(context.Context, settings) (place, error) { return place{url: name, about: name}, nil }
	}
	missing := func(context.Context, settings) (place, error) { return place{}, errors.New("not\nhere") }
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
	missing := func(context.Context, settings) (place, error) { return place{}, errors.New("not\nhere") }
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

func TestWhatTheEnvironmentAsksOfTheContainer(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, image, reuse, want string }{
		{"nothing", "", "", "postgres:17-alpine, 24 looks"},
		{"an image", "registry.example/postgres:18", "", "registry.example/postgres:18, 24 looks"},
		{"to stay for a working day", "", "8h", "postgres:17-alpine, 5760 looks"},
		{"to go at once", "", "1s", ""},
		{"what is no time", "", "true", ""},
	} {
		env := map[string]string{imageVar: tc.image, reuseVar: tc.reuse}
		got, err := wanted(func(name string) string { return env[name] })
		text := fmt.Sprintf("%s, %d looks", got.image, got.idleLooks)
		if tc.want == "" && !errors.Is(err, errMistaken) || tc.want != "" && (err != nil || text != tc.want) {
			t.Errorf("%s: got %s, %v; want %q", tc.name, text, err, tc.want)
		}
	}
}

func TestAMistakeAboutTheContainerIsNotPassedOver(t *testing.T) {
	t.Parallel()
	mistaken := func(context.Context, settings) (place, error) { return place{}, fmt.Errorf("%w: so", errMistaken) }
	local := func(context.Context, settings) (place, error) { return place{url: "local"}, nil }
	if got, err := (machine{"", "", mistaken, local}).find(t.Context()); !errors.Is(err, errMistaken) {
		t.Errorf("got %q, %v; want the mistake, and no other server", got.url, err)
	}
}
