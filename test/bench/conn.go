package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// conn is a connection that is kept, on which one request follows the answer to the one before. It knows as much HTTP/1.1 as servers
// written in Go answer with, and costs a tenth of net/http: what the load takes of its core must not be what is measured.
type conn struct {
	net.Conn
	r *bufio.Reader
	a answer
}

// answer is what came; it is good until the next request on its connection.
type answer struct {
	status     int
	head, body []byte
}

// patience is how long an answer may take.
const patience = 30 * time.Second

func dial(ctx context.Context, addr string) (*conn, error) {
	c, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, r: bufio.NewReaderSize(c, 16<<10)}, nil
}

// do sends a request and reads the answer to its end.
func (c *conn) do(request []byte) (*answer, error) {
	if _, err := c.Write(request); err != nil {
		return nil, err
	}
	length, err := c.readHead()
	if err != nil {
		return nil, err
	}
	c.a.body = c.a.body[:0]
	if length >= 0 {
		return &c.a, c.readMore(length)
	}
	return &c.a, c.readChunks()
}

// readHead returns the body's length; -1 where it comes in chunks.
func (c *conn) readHead() (length int, err error) {
	c.a.head, c.a.status = c.a.head[:0], 0
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(c.a.head) == 0 {
			if len(line) < 12 {
				return 0, fmt.Errorf("no HTTP: %q", line)
			}
			if c.a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return 0, err
			}
		}
		c.a.head = append(c.a.head, line...)
		switch name, value, _ := bytes.Cut(line, []byte(": ")); {
		case len(line) <= 2:
			return length, nil
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			length = -1
		}
	}
}

func (c *conn) readMore(n int) error {
	from := len(c.a.body)
	for cap(c.a.body) < from+n {
		c.a.body = append(c.a.body[:cap(c.a.body)], 0)
	}
	c.a.body = c.a.body[:from+n]
	_, err := io.ReadFull(c.r, c.a.body[from:])
	return err
}

func (c *conn) readChunks() error {
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if err := c.readMore(int(n)); err != nil {
			return err
		}
		if _, err := c.r.Discard(2); err != nil || n == 0 {
			return err
		}
	}
}

// text is the value of a JSON member, or nothing. What is read here has no escapes in it.
func (a *answer) text(member string) string {
	return between(string(a.body), `"`+member+`":"`, `"`)
}

// cookie is the value of a cookie that is set, or nothing.
func (a *answer) cookie(name string) string {
	return between(string(a.head), "\nSet-Cookie: "+name+"=", ";")
}

func between(text, before, after string) string {
	_, rest, found := strings.Cut(text, before)
	if !found {
		return ""
	}
	value, _, found := strings.Cut(rest, after)
	if !found {
		return ""
	}
	return value
}

// is tells what is wrong with an answer that does not have this status and this text in its body.
func (a *answer) is(status int, text string) error {
	if a.status == status && bytes.Contains(a.body, []byte(text)) {
		return nil
	}
	return errors.New("unexpected answer: " + string(a.head) + string(a.body[:min(len(a.body), 600)]))
}
