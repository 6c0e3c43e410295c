package main

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// proxy stands between a server and PostgreSQL. It understands just enough to know which statement goes by and when its answer
// comes, and can be slow, silent or cut.
type proxy struct {
	ln net.Listener
	to string

	latency atomic.Int64              // of each answer, in nanoseconds
	watch   atomic.Pointer[watchFunc] // nil lets everything pass
	silent  atomic.Bool               // connections of this time are dead for ever, and nobody is told
	mu      sync.Mutex
	open    map[*passage]struct{}
}

// watchFunc is asked before a statement is passed on, and again before its answer is. If it says false the connection is reset, and
// what was about to be passed on is not.
type watchFunc func(moment moment, statement string) bool

type moment string

const (
	beforeStatement moment = "before"
	afterStatement  moment = "after"
)

func newProxy(to string) (*proxy, error) {
	ln, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{ln: ln, to: to, open: map[*passage]struct{}{}}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p, nil
}

func (p *proxy) addr() string { return p.ln.Addr().String() }

// partition makes every connection that is there, and every one that comes, a hole that swallows what is sent.
func (p *proxy) partition() {
	p.silent.Store(true)
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.dead.Store(true)
	}
}

// heal lets new connections through. Those of before stay holes, as they do where a router has forgotten them.
func (p *proxy) heal() { p.silent.Store(false) }

// cut resets all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.reset()
	}
}

func (p *proxy) onStatement(f watchFunc) {
	if f == nil {
		p.watch.Store(nil)
		return
	}
	p.watch.Store(&f)
}

func (p *proxy) close() {
	_ = p.ln.Close()
	p.cut()
}

// passage is one connection.
type passage struct {
	*proxy
	front, back net.Conn
	dead        atomic.Bool
	statement   atomic.Pointer[string] // whose answer is awaited
}

func (p *proxy) serve(front net.Conn) {
	c := &passage{proxy: p, front: front}
	c.dead.Store(p.silent.Load())
	if !c.dead.Load() {
		back, err := net.Dial("tcp", p.to)
		if err != nil {
			c.reset()
			return
		}
		c.back = back
	}
	p.mu.Lock()
	p.open[c] = struct{}{}
	p.mu.Unlock()
	if c.back != nil {
		go c.answers()
	}
	c.statements()
	c.reset()
	p.mu.Lock()
	delete(p.open, c)
	p.mu.Unlock()
}

// reset ends both sides, without a farewell.
func (c *passage) reset() {
	for _, side := range []net.Conn{c.front, c.back} {
		if tcp, ok := side.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
			_ = tcp.Close()
		}
	}
}

// allowed asks who watches.
func (c *passage) allowed(m moment, statement string) bool {
	if f := c.watch.Load(); f != nil && statement != "" {
		return (*f)(m, statement)
	}
	return true
}

// statements passes on what the client says, one whole batch at a time.
func (c *passage) statements() {
	if c.dead.Load() {
		_, _ = io.Copy(io.Discard, c.front)
		return
	}
	known, batch, running := map[string]string{}, []byte(nil), ""
	first, err := message(c.front, false)
	for batch = first; err == nil; {
		if running != "" {
			if !c.allowed(beforeStatement, running) {
				return
			}
			said := running
			c.statement.Store(&said)
		}
		if !c.dead.Load() {
			if _, err = c.back.Write(batch); err != nil {
				return
			}
		}
		if batch, running, err = readBatch(c.front, known); c.dead.Load() && err == nil {
			running = ""
		}
	}
}

// readBatch reads up to the message that asks for an answer, and says which statement it executes.
func readBatch(from io.Reader, known map[string]string) (batch []byte, running string, err error) {
	bound, executed := "", false
	for {
		m, err := message(from, true)
		if err != nil {
			return nil, "", err
		}
		batch = append(batch, m...)
		switch body := m[5:]; m[0] {
		case 'P':
			name, sql := twoStrings(body)
			known[name], bound = sql, sql
		case 'B':
			_, name := twoStrings(body)
			bound = known[name]
		case 'E':
			executed = true
		case 'Q':
			sql, _ := twoStrings(append(body, 0))
			return batch, sql, nil
		case 'S':
			if !executed {
				bound = ""
			}
			return batch, bound, nil
		case 'X', 'p', 'H':
			return batch, "", nil
		}
	}
}

// message reads one message of the protocol; the first of a connection has no type.
func message(from io.Reader, typed bool) ([]byte, error) {
	head := make([]byte, 4)
	if typed {
		head = make([]byte, 5)
	}
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	size := int(binary.BigEndian.Uint32(head[len(head)-4:])) - 4
	if size < 0 || size > 1<<24 {
		return nil, io.ErrUnexpectedEOF
	}
	m := append(head, make([]byte, size)...)
	_, err := io.ReadFull(from, m[len(head):])
	return m, err
}

func twoStrings(b []byte) (string, string) {
	first, rest, _ := strings.Cut(string(b), "\x00")
	second, _, _ := strings.Cut(rest, "\x00")
	return first, second
}

// answers passes on what the database says, one whole answer at a time.
func (c *passage) answers() {
	defer c.reset()
	var answer []byte
	for {
		m, err := message(c.back, true)
		if err != nil {
			_, _ = c.front.Write(answer)
			return
		}
		answer = append(answer, m...)
		if m[0] != 'Z' && m[0] != 'R' {
			continue
		}
		time.Sleep(time.Duration(c.latency.Load()))
		statement := ""
		if s := c.statement.Swap(nil); s != nil && m[0] == 'Z' {
			statement = *s
		}
		if !c.allowed(afterStatement, statement) {
			return
		}
		if c.dead.Load() {
			answer = nil
			continue
		}
		if _, err := c.front.Write(answer); err != nil {
			return
		}
		answer = nil
	}
}

// is reports whether a statement is of a sort: the one that commits an issuance, the end of a transaction, any that writes.
func is(sort, statement string) bool {
	text := strings.ToLower(strings.TrimSpace(statement))
	switch sort {
	case "issuance":
		return strings.HasPrefix(text, "with ") && strings.Contains(text, "insert into oauth_access_tokens")
	case "commit":
		return strings.HasPrefix(text, "commit")
	}
	return strings.HasPrefix(text, "insert") || strings.HasPrefix(text, "update") || strings.HasPrefix(text, "delete") || is("issuance", text)
}
