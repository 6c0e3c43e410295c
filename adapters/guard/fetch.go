package guard

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/go-jose/go-jose/v4/json"
)

// maxDocument bounds what is read of any answer.
const maxDocument = 256 << 10

// connections bounds how many requests are under way to the server; more wait.
const connections = 64

var errRedirect = errors.New("it redirects, and a guard follows nobody")

func newHTTP(t http.RoundTripper) *http.Client {
	if t == nil {
		t = http.DefaultTransport
		if standard, ok := t.(*http.Transport); ok {
			own := standard.Clone()
			own.MaxConnsPerHost, own.MaxIdleConnsPerHost, own.MaxResponseHeaderBytes = connections, connections, 64<<10
			t = own
		}
	}
	return &http.Client{
		Transport: t, Timeout: fetchTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirect },
	}
}

// read sends a request and reads the JSON of its answer into v. A name that comes twice makes it unreadable.
func read(c *http.Client, r *http.Request, v any) error {
	r.Header.Set("Accept", "application/json")
	res, err := c.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	switch {
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("it answered with status %d", res.StatusCode)
	case kind != "application/json" && !strings.HasSuffix(kind, "+json"):
		return errors.New("it did not answer with JSON")
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, maxDocument+1))
	if err != nil {
		return err
	}
	if len(data) > maxDocument {
		return fmt.Errorf("its answer is longer than %d bytes", maxDocument)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return errors.New("its answer is not the JSON it should be") // the parser's words would quote it
	}
	return nil
}
