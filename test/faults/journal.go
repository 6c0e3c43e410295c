package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// record is one line of the journal: a request when it is about to be sent, or its answer. It holds no secret: credentials are named
// by what the server's own database calls them.
type record struct {
	ID     int64  `json:"id"`
	Answer bool   `json:"answer,omitempty"`
	At     int64  `json:"at"` // nanoseconds
	Kind   kind   `json:"kind,omitempty"`
	Code   string `json:"code,omitempty"` // digest of the code, or device code, that was presented, given or decided about
	named
	Class class  `json:"class,omitempty"`
	Note  string `json:"note,omitempty"`
}

// named are the tokens that a request presents or an answer gives.
type named struct {
	Token      string `json:"token,omitempty"` // the access token's id
	Family     string `json:"family,omitempty"`
	Generation uint32 `json:"generation,omitempty"` // of the refresh token
}

// kind is what was asked for.
type kind string

const (
	machine    kind = "machine"
	authorize  kind = "authorize"
	redeem     kind = "redeem"
	refresh    kind = "refresh"
	introspect kind = "introspect"
	revoke     kind = "revoke"
	device     kind = "device" // a device code is asked for
	approve    kind = "approve"
	deny       kind = "deny"
	poll       kind = "poll"
	other      kind = "other" // an endpoint that was looked at
)

// class is what the answer came to.
type class string

const (
	granted     class = "granted" // tokens or a code
	active      class = "active"
	inactive    class = "inactive"
	ended       class = "ended"       // the revocation was acknowledged
	decided     class = "decided"     // what a person decided was acknowledged
	waits       class = "waits"       // nobody has decided yet
	unavailable class = "unavailable" // 503, said as it should be said
	lost        class = "lost"        // no answer came
	unreached   class = "unreached"   // there was nobody to send it to
	fine        class = "fine"        // any other success
	refused     class = "refused"     // an OAuth error; the note says which
	odd         class = "odd"         // an answer that should never be; the note says why
)

// journal is append-only, and what append has returned for is on the disk. Records that come together share one sync.
type journal struct {
	f     *os.File
	began time.Time

	mu      sync.Mutex
	next    int64
	waiting []byte
	batch   *batch
	wake    chan struct{}
	done    chan struct{}
}

type batch struct {
	err  error
	done chan struct{}
}

func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{f: f, began: time.Now(), batch: newBatch(), wake: make(chan struct{}, 1), done: make(chan struct{})}
	go j.write()
	return j, nil
}

func newBatch() *batch { return &batch{done: make(chan struct{})} }

// now is a clock that nobody sets.
func (j *journal) now() int64 { return j.began.UnixNano() + int64(time.Since(j.began)) }

// ask writes a request down and returns its id.
func (j *journal) ask(r record) (int64, error) {
	j.mu.Lock()
	j.next++
	r.ID = j.next
	j.mu.Unlock()
	return r.ID, j.append(r)
}

func (j *journal) append(r record) error {
	j.mu.Lock()
	r.At = j.now()
	line, err := json.Marshal(r)
	if err != nil {
		j.mu.Unlock()
		return err
	}
	j.waiting = append(append(j.waiting, line...), '\n')
	mine := j.batch
	j.mu.Unlock()
	select {
	case j.wake <- struct{}{}:
	default:
	}
	<-mine.done
	return mine.err
}

func (j *journal) write() {
	defer close(j.done)
	for range j.wake {
		j.mu.Lock()
		bytes, now := j.waiting, j.batch
		j.waiting, j.batch = nil, newBatch()
		j.mu.Unlock()
		if len(bytes) > 0 {
			_, err := j.f.Write(bytes)
			now.err = errors.Join(err, j.f.Sync())
		}
		close(now.done)
	}
}

// close ends the journal. Nobody appends any more.
func (j *journal) close() error {
	close(j.wake)
	<-j.done
	return j.f.Close()
}

// op is a request with its answer. What was never answered counts as lost, at a time after everything else.
type op struct {
	ask, answer record
}

func (o op) class() class { return o.answer.Class }

const never = int64(1) << 62

// readJournal returns the requests of a journal in the order in which they were asked.
func readJournal(path string) ([]op, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readOps(f)
}

func readOps(from io.Reader) ([]op, error) {
	var all []op
	at := map[int64]int{}
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("read journal: %w", err)
		}
		if i, asked := at[r.ID]; r.Answer && asked {
			all[i].answer = r
		} else if !r.Answer {
			at[r.ID] = len(all)
			all = append(all, op{ask: r, answer: record{ID: r.ID, Answer: true, At: never, Class: lost}})
		}
	}
	return all, lines.Err()
}
