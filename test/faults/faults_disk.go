package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"
)

// diskFull leaves no room for the database. Nothing is written; what SQLite has written can be read all the same.
func diskFull(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		pause(ctx, 300)
		empty, err := t.disk.fill()
		if err != nil {
			return err
		}
		time.Sleep(1500 * time.Millisecond)
		if t.engine == "sqlite" {
			t.stillReads(ctx)
		}
		if err := empty(); err != nil {
			return err
		}
		if t.cluster != nil {
			if err := t.cluster.await(ctx); err != nil {
				return err
			}
		}
		t.after(ctx)
	}
	return t.intact(ctx)
}

// stillReads checks that a database which cannot grow still answers what needs no room.
func (t *trial) stillReads(ctx context.Context) {
	for _, one := range t.recent(3) {
		if n := t.introspect(ctx, t.servers[0], one.tokens, one.by); n == unavailable || n == lost {
			t.complain("introspection with a full disk: got %s; want an answer", n)
		}
	}
	if status, err := probe(ctx, t.servers[0].base()+"/oauth/jwks"); status != http.StatusOK {
		t.complain("JWKS with a full disk: got %d, %v; want 200", status, err)
	}
}

// pageLimit lets SQLite's own limit stop the file from growing.
func pageLimit(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		info, err := os.Stat(t.file())
		if err != nil {
			return err
		}
		for _, s := range t.servers {
			s.kill()
			if _, err := s.wait(5 * time.Second); err != nil {
				return err
			}
			if err := s.start(fmt.Sprintf("PASSPORT_TEST_FAULT=pragma max_page_count=%d", info.Size()/4096+4)); err != nil {
				return err
			}
		}
		for _, s := range t.servers {
			_ = s.ready(ctx, 3*time.Second)
		}
		time.Sleep(2 * time.Second)
		t.stillReads(ctx)
		for _, s := range t.servers {
			s.kill()
			if err := t.restart(ctx, s); err != nil {
				return err
			}
		}
	}
	return t.intact(ctx)
}

// intact asks SQLite whether the file is sound.
func (t *trial) intact(ctx context.Context) error {
	if t.engine != "sqlite" {
		return nil
	}
	db, err := t.openDB()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var said string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&said); err != nil {
		return err
	}
	if said != "ok" {
		t.complain("integrity_check says %s", said)
	}
	return nil
}

// powerCut takes the disk as it is at a moment, with nothing that was not synced, and goes on from there.
func powerCut(ctx context.Context, t *trial) error {
	for t.again(ctx) {
		time.Sleep(700 * time.Millisecond)
		for _, s := range t.servers {
			s.signal(syscall.SIGSTOP)
		}
		after := t.disk.image + ".cut"
		err := copyFile(after, t.disk.image)
		for _, s := range t.servers {
			s.kill()
			_, werr := s.wait(10 * time.Second)
			err = errors.Join(err, werr)
		}
		if err != nil {
			return err
		}
		t.disk.remove()
		if err := errors.Join(os.Rename(after, t.disk.image), t.disk.insert(ctx)); err != nil {
			return err
		}
		for _, s := range t.servers {
			if err := t.restart(ctx, s); err != nil {
				return err
			}
		}
	}
	return t.intact(ctx)
}
