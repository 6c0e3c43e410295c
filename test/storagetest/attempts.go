package storagetest

import (
	"strings"
	"time"

	"github.com/gopassport/passport/ports"
)

var attempts = suite{"Attempts", []contractCase{
	{"a bucket has room up to its limit and then until its window ends", bucketFills, nil},
	{"refused attempts do not move the end of the window", refusedDoNotProlong, nil},
	{"of many concurrent attempts no more than the limit find room", attemptsAtOnce, nil},
	{"every bucket counts even where another is full", everyBucketCounts, nil},
	{"the longest wait is the answer", longestWait, nil},
	{"buckets asked in any order do not get in each other's way", bucketsInAnyOrder, nil},
	{"a forgiven bucket is empty and no other is", forgiven, nil},
	{"a window that a clock far ahead has begun is over for all others", windowFromTheFuture, nil},
	{"names may be long and odd and are told apart to the end", oddBuckets, nil},
}}

func (b *bench) attempt(t tb, after time.Duration, buckets ...ports.Bucket) time.Duration {
	t.Helper()
	wait, err := b.AttemptBook.Attempt(t.Context(), buckets, b.now.Add(after))
	must(t, "attempt", err)
	return wait
}

func bucketFills(t tb, b *bench) {
	k := ports.Bucket{Name: "login", Limit: 3, Window: time.Minute}
	for n := range 3 {
		same(t, "wait", b.attempt(t, time.Duration(n)*time.Second, k), time.Duration(0))
	}
	same(t, "wait of a full bucket", b.attempt(t, 10*time.Second, k), 50*time.Second)
	same(t, "wait just before the end", b.attempt(t, time.Minute-time.Microsecond, k), time.Microsecond)
	same(t, "wait at the end", b.attempt(t, time.Minute, k), time.Duration(0))
	for range 2 {
		b.attempt(t, time.Minute+time.Second, k)
	}
	same(t, "wait in the second window", b.attempt(t, time.Minute+10*time.Second, k), 50*time.Second)
}

func refusedDoNotProlong(t tb, b *bench) {
	k := ports.Bucket{Name: "login", Limit: 1, Window: time.Minute}
	for n := range 6 {
		b.attempt(t, time.Duration(n)*10*time.Second, k)
	}
	same(t, "wait after the window", b.attempt(t, time.Minute, k), time.Duration(0))
}

func attemptsAtOnce(t tb, b *bench) {
	k := ports.Bucket{Name: "login", Limit: 10, Window: time.Minute}
	waits := make([]time.Duration, crowd)
	allWin(t, together(crowd, func(i int) (err error) {
		waits[i], err = b.handle(i).AttemptBook.Attempt(t.Context(), []ports.Bucket{k}, b.now)
		return err
	}))
	found := 0
	for _, w := range waits {
		if w == 0 {
			found++
		}
	}
	if found != k.Limit {
		t.Errorf("attempts that found room: got %d; want %d", found, k.Limit)
	}
}

func everyBucketCounts(t tb, b *bench) {
	narrow := ports.Bucket{Name: "narrow", Limit: 1, Window: time.Minute}
	broad := ports.Bucket{Name: "broad", Limit: 3, Window: time.Minute}
	same(t, "first wait", b.attempt(t, 0, narrow, broad), time.Duration(0))
	for range 2 {
		same(t, "wait with one bucket full", b.attempt(t, 0, narrow, broad), time.Minute)
	}
	same(t, "wait of the broad bucket", b.attempt(t, 0, broad), time.Minute)
}

func longestWait(t tb, b *bench) {
	short := ports.Bucket{Name: "short", Limit: 1, Window: time.Minute}
	long := ports.Bucket{Name: "long", Limit: 1, Window: time.Hour}
	b.attempt(t, 0, short, long)
	same(t, "wait", b.attempt(t, 0, short, long), time.Hour)
	same(t, "wait the other way round", b.attempt(t, 0, long, short), time.Hour)
}

func bucketsInAnyOrder(t tb, b *bench) {
	x := ports.Bucket{Name: "x", Limit: 1000, Window: time.Minute}
	y := ports.Bucket{Name: "y", Limit: 1000, Window: time.Minute}
	allWin(t, together(crowd, func(i int) error {
		order := []ports.Bucket{x, y}
		if i%4 < 2 {
			order = []ports.Bucket{y, x}
		}
		_, err := b.handle(i).AttemptBook.Attempt(t.Context(), order, b.now)
		return err
	}))
	for _, k := range []ports.Bucket{x, y} {
		k.Limit = crowd + 1
		same(t, "wait at the limit", b.attempt(t, 0, k), time.Duration(0))
		same(t, "wait past the limit", b.attempt(t, 0, k), time.Minute)
	}
}

func forgiven(t tb, b *bench) {
	x := ports.Bucket{Name: odd, Limit: 1, Window: time.Minute}
	y := ports.Bucket{Name: "y", Limit: 1, Window: time.Minute}
	b.attempt(t, 0, x, y)
	for range 2 {
		must(t, "forgive", b.AttemptBook.Forgive(t.Context(), []ports.Bucket{x}))
	}
	same(t, "wait of a forgiven bucket", b.attempt(t, 0, x), time.Duration(0))
	same(t, "wait of another", b.attempt(t, 0, y), time.Minute)
}

func windowFromTheFuture(t tb, b *bench) {
	k := ports.Bucket{Name: "login", Limit: 1, Window: time.Minute}
	for _, ahead := range []time.Duration{time.Hour, time.Minute + time.Microsecond} {
		must(t, "forgive", b.AttemptBook.Forgive(t.Context(), []ports.Bucket{k}))
		b.attempt(t, ahead, k)
		same(t, "wait before a window far ahead", b.attempt(t, 0, k), time.Duration(0))
		same(t, "wait in the window begun instead", b.attempt(t, time.Second, k), 59*time.Second)
	}
	for _, ahead := range []time.Duration{time.Second, time.Minute} {
		must(t, "forgive", b.AttemptBook.Forgive(t.Context(), []ports.Bucket{k}))
		b.attempt(t, ahead, k)
		same(t, "wait of a bucket whose window begins soon", b.attempt(t, 0, k), time.Minute+ahead)
	}
}

func oddBuckets(t tb, b *bench) {
	long := strings.Repeat("漢", 5000)
	for _, name := range []string{"", odd, odd + " ", "A", "a", long + "1", long + "2"} {
		k := ports.Bucket{Name: name, Limit: 1, Window: time.Minute}
		same(t, "first wait of "+name[:min(len(name), 9)], b.attempt(t, 0, k), time.Duration(0))
		same(t, "second wait of "+name[:min(len(name), 9)], b.attempt(t, 0, k), time.Minute)
	}
}
