package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// load sends requests over a number of connections, each after the answer to the one before, and returns answers per second.
// An answer that is not 200 ends the run: a rate of refusals is no rate.
func load(ctx context.Context, t *target, conns int, span time.Duration) (float64, error) {
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: conns, MaxConnsPerHost: conns}}
	defer c.CloseIdleConnections()
	var counting atomic.Bool
	var n atomic.Int64
	var first atomic.Pointer[error]
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	for range conns {
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := once(ctx, c, t); err != nil && ctx.Err() == nil {
					first.CompareAndSwap(nil, &err)
					cancel()
				}
				if counting.Load() {
					n.Add(1)
				}
			}
		})
	}
	time.Sleep(300 * time.Millisecond) // warm
	counting.Store(true)
	began := time.Now()
	time.Sleep(span)
	counting.Store(false)
	rate := float64(n.Load()) / time.Since(began).Seconds()
	cancel()
	wg.Wait()
	if err := first.Load(); err != nil {
		return 0, *err
	}
	return rate, nil
}

func once(ctx context.Context, c *http.Client, t *target) error {
	r, err := t.request(ctx)
	if err != nil {
		return err
	}
	res, err := c.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(res.Body)
		return fmt.Errorf("%s: %s", res.Status, b)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
