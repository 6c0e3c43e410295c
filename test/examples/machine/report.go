// Package machine is a program that acts for itself: golang.org/x/oauth2 gets its token by client credentials, keeps it, and gets another
// one before it ends.
package machine

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"golang.org/x/oauth2/clientcredentials"
)

// Report fetches a document of an API as a client of the server.
func Report(ctx context.Context, issuer, clientID, clientSecret, url string) (string, error) {
	config := clientcredentials.Config{
		ClientID: clientID, ClientSecret: clientSecret, TokenURL: issuer + "/oauth/token", Scopes: []string{"orders:read"},
	}
	res, err := config.Client(ctx).Get(url)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("fetch %s: %s", url, res.Status)
	}
	b, err := io.ReadAll(res.Body)
	return string(b), err
}
