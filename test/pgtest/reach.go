package pgtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// reachWithin is how long a container may take from its start to its first answer.
const reachWithin = time.Minute

// reach returns the URL, of those that urls are, at which a server answers a query first. The log of the image says "ready" once or twice,
// depending on the image; a query that is answered says it of every image, and of the way there, too. alive tells why it never will.
func reach(ctx context.Context, urls []string, alive func(ctx context.Context) error) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for {
		var failed []error
		for _, u := range urls {
			err := answersAt(ctx, u)
			if err == nil {
				return u, nil
			}
			failed = append(failed, err)
		}
		if err := alive(ctx); err != nil {
			return "", err
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("no answer from the container at %s: set %s to where it publishes its ports (%w)", hostsOf(urls), hostOverride, errors.Join(failed...))
		case <-poll.C:
		}
	}
}

// answersAt gives each way two seconds: one that leads nowhere may be silent.
func answersAt(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func hostsOf(urls []string) string {
	var all []string
	for _, u := range urls {
		if c, err := pgx.ParseConfig(u); err == nil {
			all = append(all, c.Host)
		}
	}
	return strings.Join(all, ", ")
}
