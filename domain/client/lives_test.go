package client_test

import (
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
)

func TestLives(t *testing.T) {
	t.Parallel()
	own := client.Lives{Access: time.Minute}
	of := client.Lives{Access: time.Hour, Idle: 2 * time.Hour}
	server := client.Lives{Access: 3 * time.Hour, Idle: 3 * time.Hour, Refresh: 3 * time.Hour}
	want := client.Lives{Access: time.Minute, Idle: 2 * time.Hour, Refresh: 3 * time.Hour}
	if got := own.Or(of).Or(server); got != want {
		t.Errorf("got %v; want %v", got, want)
	}
	for _, tc := range []struct {
		given client.Lives
		want  bool
	}{
		{client.Lives{}, true},
		{server, true},
		{client.Lives{Access: time.Second - 1}, false},
		{client.Lives{Idle: -time.Hour}, false},
		{client.Lives{Refresh: 11 * 365 * 24 * time.Hour}, false},
	} {
		if got := tc.given.Valid(); got != tc.want {
			t.Errorf("%v: got %v; want %v", tc.given, got, tc.want)
		}
	}
}
