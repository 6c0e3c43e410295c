package system_test

import (
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/system"
	"github.com/gopassport/passport/ports"
)

var (
	_ ports.Clock     = system.Clock{}
	_ ports.Random    = system.Random{}
	_ ports.Usernames = system.Usernames{}
)

func TestTheClockTellsUTCInWholeMicroseconds(t *testing.T) {
	t.Parallel()
	before := time.Now().Truncate(time.Microsecond)
	now := system.Clock{}.Now()
	if now.Location() != time.UTC || now.Nanosecond()%1000 != 0 {
		t.Errorf("got %v; want UTC in whole microseconds", now)
	}
	if now.Before(before) || now.After(time.Now()) {
		t.Errorf("got %v; want the time of the machine", now)
	}
	if now != now.Truncate(0) {
		t.Errorf("got a reading of the monotonic clock; want a time that equals itself after storage")
	}
}

func TestBytesAreFreshAndAsManyAsAskedFor(t *testing.T) {
	t.Parallel()
	a, b := system.Random{}.Bytes(32), system.Random{}.Bytes(32)
	if len(a) != 32 || len(b) != 32 || slices.Equal(a, b) {
		t.Errorf("got %d and %d bytes, equal %v; want 32 and 32, different", len(a), len(b), slices.Equal(a, b))
	}
}

func TestUUIDsAreOfVersion7AndOrdered(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	last := ""
	for range 10_000 {
		id := system.Random{}.UUID()
		if !shape.MatchString(id) {
			t.Fatalf("got %q; want a UUIDv7 in lower case", id)
		}
		if id <= last {
			t.Fatalf("got %q after %q; want a greater one", id, last)
		}
		last = id
	}
}

func TestUUIDsOfManyGoroutinesDiffer(t *testing.T) {
	t.Parallel()
	const workers, each = 8, 500
	all := make([][]string, workers)
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			for range each {
				all[i] = append(all[i], system.Random{}.UUID())
			}
		})
	}
	wg.Wait()
	ids := slices.Concat(all...)
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != workers*each {
		t.Errorf("got %d different ids; want %d", n, workers*each)
	}
}

func BenchmarkUUID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		system.Random{}.UUID()
	}
}
