package passporttest_test

import (
	"testing"

	"github.com/gopassport/passport/test/passporttest"
)

// A suite opens hundreds of servers: one is to be up within 50 ms.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		passporttest.New(b)
	}
}
