package pgtest

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestTheFirstWayThatAnswersIsTaken(t *testing.T) {
	t.Parallel()
	real := Server(t)
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	dead := (&cluster{port: port}).url()
	well := func(context.Context) error { return nil }
	if got, err := reach(t.Context(), []string{dead, "postgres://x@nowhere.invalid/x", real, dead}, well); err != nil || got != real {
		t.Errorf("got %s, %v; want the one that answers", got, err)
	}
}

func TestAContainerThatEndedIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	ended := errors.New("the container ended")
	if _, err := reach(t.Context(), []string{(&cluster{port: port}).url()}, func(context.Context) error { return ended }); !errors.Is(err, ended) {
		t.Errorf("got %v; want the reason", err)
	}
}

func TestWhoFindsNoWayHearsWhatWasTried(t *testing.T) {
	t.Parallel()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = reach(ctx, []string{(&cluster{port: port}).url(), "postgres://x@nowhere.invalid/x"}, func(context.Context) error { cancel(); return nil })
	for _, want := range []string{"127.0.0.1, nowhere.invalid", hostOverride} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %s in it", err, want)
		}
	}
}
