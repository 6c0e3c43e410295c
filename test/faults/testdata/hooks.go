// This file belongs to no package of the module. The harness lays it over the standard server when it builds the one that it may
// break from inside, so that what is served in production has nothing of it.
package main

import (
	"context"
	"database/sql/driver"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"modernc.org/sqlite"
)

// PASSPORT_TEST_FAULT is one of
//
//	kill commit N   the process is killed when its Nth transaction is about to be committed
//	kill row N      the process is killed when the Nth row is about to be written
//	pragma TEXT     each connection executes PRAGMA TEXT
func init() {
	words := strings.SplitN(os.Getenv("PASSPORT_TEST_FAULT"), " ", 3)
	if len(words) < 2 {
		return
	}
	sqlite.RegisterConnectionHook(func(c sqlite.ExecQuerierContext, _ string) error {
		if words[0] == "pragma" {
			_, err := c.ExecContext(context.Background(), "PRAGMA "+strings.Join(words[1:], " "), []driver.NamedValue{})
			return err
		}
		watch(c.(sqlite.HookRegisterer), words[1], words[2])
		return nil
	})
}

var seen atomic.Int64

func watch(c sqlite.HookRegisterer, point, nth string) {
	n, _ := strconv.ParseInt(nth, 10, 64)
	reached := func() {
		if seen.Add(1) == n {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	if point == "row" {
		c.RegisterPreUpdateHook(func(sqlite.SQLitePreUpdateData) { reached() })
		return
	}
	c.RegisterCommitHook(func() int32 { reached(); return 0 })
}
