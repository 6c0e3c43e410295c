package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// How long the server may take until it answers, and how often it is asked.
const (
	readyWithin = 30 * time.Second
	askEvery    = 20 * time.Millisecond
)

// devEndpoints is where the server says that its endpoints are.
type devEndpoints struct {
	Metadata  string `json:"-"`
	Authorize string `json:"authorization_endpoint"`
	Token     string `json:"token_endpoint"`
	Device    string `json:"device_authorization_endpoint"`
}

// endpoints waits until the server answers and asks it where its endpoints are.
func endpoints(ctx context.Context, addr, issuer string) (devEndpoints, error) {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	direct := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // a proxy knows nothing of this machine
	for !alive(ctx, direct, "http://"+addr+"/livez") {
		select {
		case <-ctx.Done():
			return devEndpoints{}, errors.New("the server does not answer at " + addr)
		case <-time.After(askEvery):
		}
	}
	return discover(ctx, direct, addr, issuer)
}

func alive(ctx context.Context, c *http.Client, url string) bool {
	_, err := get(ctx, c, url)
	return err == nil
}

// discover reads the metadata document. Its place follows from the issuer's path (RFC 8414, 3.1).
func discover(ctx context.Context, c *http.Client, addr, issuer string) (devEndpoints, error) {
	u, err := url.Parse(issuer)
	if err != nil {
		return devEndpoints{}, fmt.Errorf("read issuer: %w", err)
	}
	path := "/.well-known/oauth-authorization-server" + strings.TrimSuffix(u.Path, "/")
	body, err := get(ctx, c, "http://"+addr+path)
	if err != nil {
		return devEndpoints{}, fmt.Errorf("read metadata: %w", err)
	}
	ends := devEndpoints{}
	if err := json.Unmarshal(body, &ends); err != nil {
		return ends, fmt.Errorf("read metadata: %w", err)
	}
	ends.Metadata = u.Scheme + "://" + u.Host + path
	return ends, nil
}

func get(ctx context.Context, c *http.Client, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", url, answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, 1<<20))
}
