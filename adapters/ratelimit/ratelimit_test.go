package ratelimit_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/ratelimit"
	"github.com/gopassport/passport/ports"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func bucket(name string) ports.Bucket { return ports.Bucket{Name: name, Limit: 3, Window: time.Minute} }

func TestABucketHasRoomUpToItsLimit(t *testing.T) {
	t.Parallel()
	var l ports.Limiter = ratelimit.New()
	b := bucket("a")
	for i := range b.Limit {
		if wait := l.Full(b, start); wait != 0 {
			t.Errorf("after %d: got %v; want room", i, wait)
		}
		l.Count(b, start.Add(time.Duration(i)*time.Second))
	}
	if wait := l.Full(b, start.Add(10*time.Second)); wait != 50*time.Second {
		t.Errorf("got %v; want 50s, the rest of the window that began with the first", wait)
	}
	if wait := l.Full(bucket("b"), start); wait != 0 {
		t.Errorf("another bucket: got %v; want room", wait)
	}
}

func TestAFullBucketIsEmptyWhenItsWindowHasPassed(t *testing.T) {
	t.Parallel()
	l, b := ratelimit.New(), bucket("a")
	for range b.Limit {
		l.Count(b, start)
	}
	if wait := l.Full(b, start.Add(time.Minute-1)); wait != 1 {
		t.Errorf("got %v; want 1ns", wait)
	}
	if wait := l.Full(b, start.Add(time.Minute)); wait != 0 {
		t.Errorf("got %v; want room", wait)
	}
	l.Count(b, start.Add(time.Minute))
	if wait := l.Full(b, start.Add(time.Minute)); wait != 0 {
		t.Errorf("after one in the new window: got %v; want room", wait)
	}
}

func TestAClockThatWasSetBackShutsNobodyOut(t *testing.T) {
	t.Parallel()
	l, b := ratelimit.New(), bucket("a")
	for range b.Limit {
		l.Count(b, start.Add(24*time.Hour))
	}
	if wait := l.Full(b, start); wait != 0 {
		t.Errorf("got %v; want room", wait)
	}
}

func TestRequestsThatArriveOutOfOrderAreAllCounted(t *testing.T) {
	t.Parallel()
	l, b := ratelimit.New(), bucket("a")
	for i := range b.Limit {
		l.Count(b, start.Add(-time.Duration(i)*time.Microsecond))
	}
	if wait := l.Full(b, start); wait == 0 {
		t.Errorf("got room; want %d counted", b.Limit)
	}
}

func TestABucketWithoutALimitIsAlwaysFull(t *testing.T) {
	t.Parallel()
	b := ports.Bucket{Name: "a", Window: time.Minute}
	if wait := ratelimit.New().Full(b, start); wait != time.Minute {
		t.Errorf("got %v; want %v", wait, time.Minute)
	}
}

func TestConcurrentCountsAreAllCounted(t *testing.T) {
	t.Parallel()
	l := ratelimit.New()
	b := ports.Bucket{Name: "a", Limit: 8000, Window: time.Minute}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				l.Full(b, start)
				l.Count(b, start)
			}
		})
	}
	wg.Wait()
	if wait := l.Full(b, start); wait != time.Minute {
		t.Errorf("got %v; want a bucket that is exactly full", wait)
	}
	b.Limit++
	if wait := l.Full(b, start); wait != 0 {
		t.Errorf("got %v; want room for one more", wait)
	}
}

// A bucket that is still being counted outlives a flood of others.
func TestAFloodDoesNotPushOutWhatIsInUse(t *testing.T) {
	t.Parallel()
	l := ratelimit.New()
	b := ports.Bucket{Name: "in use", Limit: 1_000, Window: time.Hour}
	for i := range 200_000 {
		l.Count(bucket(fmt.Sprint("flood ", i)), start)
		if i%200 == 0 {
			l.Count(b, start)
		}
	}
	if wait := l.Full(b, start); wait == 0 {
		t.Error("got room; want all 1000 counted")
	}
}

// U24: a million names, each a kilobyte long, leave nothing behind but the bound.
func TestU24MemoryIsFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("a million names")
	}
	l := ratelimit.New()
	pad := strings.Repeat("x", 1024)
	before := heap()
	for i := range 1_000_000 {
		l.Count(bucket(fmt.Sprint(i, pad)), start)
	}
	if grown := int64(heap()) - int64(before); grown > 8<<20 {
		t.Errorf("got %d KiB more; want at most 8192", grown>>10)
	}
	runtime.KeepAlive(l)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkFullAndCount(b *testing.B) {
	l := ratelimit.New()
	one := bucket("client 0197c3a5-6b1e-7c3d-9a4f-1b2c3d4e5f60 from 192.0.2.1")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			l.Full(one, start)
			l.Count(one, start)
		}
	})
}
