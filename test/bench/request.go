package main

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
)

// party is a client and its secret; one without a secret is public.
type party struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

// headers are lines of a request.
type headers []string

// get is a request as it goes over the wire.
func get(path string, more ...string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: bench\r\n%s\r\n", path, headers(more))
}

func post(path string, form url.Values, more ...string) []byte {
	body := form.Encode()
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n%s\r\n%s",
		path, len(body), headers(more), body)
}

func (h headers) String() string {
	if len(h) == 0 {
		return ""
	}
	return strings.Join(h, "\r\n") + "\r\n"
}

// by sends a form as a client does.
func (p party) post(path string, form url.Values, more ...string) []byte {
	if p.Secret == "" {
		form.Set("client_id", p.ID)
		return post(path, form, more...)
	}
	pair := url.QueryEscape(p.ID) + ":" + url.QueryEscape(p.Secret)
	return post(path, form, append(more, "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))...)
}

// somewhere is an address like any other, for the server counts what comes from each.
func somewhere() string {
	return fmt.Sprintf("X-Forwarded-For: 10.%d.%d.%d", rand.IntN(256), rand.IntN(256), rand.IntN(256))
}
