package main

import "time"

// catalogue lists every fault, in the order in which they happen. Their ids are those of the project's catalogue of faults.
func catalogue() []fault {
	const both, pg, lite = "sqlite postgres", "postgres", "sqlite"
	return []fault{
		{name: "kill", id: "F16", engines: both, about: "kill -9 of a server at random moments", run: killAtRandom},
		{name: "kill-points", id: "F17", engines: pg, about: "kill -9 before and after statements, COMMIT and the answer", run: killAtPoints},
		{name: "kill-inside", id: "F17", engines: lite, about: "kill -9 before rows, before COMMIT and at the answer", change: hooked, run: killInside},
		{name: "db-restart", id: "F01", engines: pg, about: "PostgreSQL restarted under load", run: restartDatabase(fast)},
		{name: "db-crash", id: "F02", engines: pg, about: "PostgreSQL killed under load", run: restartDatabase(crash, immediate)},
		{name: "db-away", id: "F01", engines: pg, about: "PostgreSQL stopped for a while; every endpoint asked", run: databaseAway},
		{name: "start-first", id: "F36", engines: pg, about: "the server started before its database", run: startFirst},
		{name: "partition", id: "F04", engines: pg, about: "silence between server and database; every endpoint asked", run: partition},
		{name: "holes", id: "F04", engines: pg, about: "silence while nobody works, and connections that are dead afterwards", change: patient, run: holes, alone: true},
		{name: "lost-issuance", id: "F05", engines: pg, about: "connections reset between an issuance and its answer", run: loseAnswers("issuance")},
		{name: "lost-commit", id: "F05", engines: pg, about: "connections reset between COMMIT and its answer", run: loseAnswers("commit")},
		{name: "resets", id: "F05", engines: pg, about: "all connections reset at random moments", run: resets},
		{name: "slow", id: "F06", engines: pg, about: "100 to 300 ms more for every answer of the database", change: slower, run: slowDatabase},
		{name: "pool-of-one", id: "F07", engines: both, about: "one connection to the database", change: poolOfOne, run: work},
		{name: "none-left", id: "F07", engines: pg, about: "somebody else holds all connections; every endpoint asked", run: othersHoldAll},
		{name: "lock", id: "F08", engines: pg, about: "a table locked for longer than a request may take", run: lockedTable},
		{name: "retryable", id: "F09", engines: pg, about: "40001 and 40P01 at rows and at COMMIT", run: everyNth(9, "40001", "40P01")},
		{name: "serializable", id: "F09", engines: pg, about: "a database that is serializable by default", run: serializable},
		{name: "nth-error", id: "F10", engines: both, about: "the error of every 12th row written, or of its COMMIT", run: everyNth(12, "XX000", "53100", "57014", "25006")},
		{name: "disk-full", id: "F11 F12", engines: both, about: "no room left on the disk", change: smallDisk, run: diskFull},
		{name: "page-limit", id: "F12", engines: lite, about: "SQLITE_FULL by max_page_count", change: hooked, run: pageLimit},
		{name: "second-writer", id: "F14", engines: lite, about: "another process writes to the file", run: secondWriter},
		{name: "terminate", id: "F18", engines: both, about: "SIGTERM with requests in flight: first told, then done", run: terminate},
		{name: "migrate", id: "F21", engines: both, about: "five processes migrate at once, and one is killed", run: migrateTogether, alone: true},
		{name: "schema", id: "F23", engines: both, about: "a schema that is newer, behind or not there", run: anotherSchema},
		{name: "corrupt", id: "F30", engines: both, about: "rows with other bits, other JSON and unknown words", run: corruptRows, alone: true},
		{name: "races", id: "F42", engines: both, about: "one code, one device code, one refresh token, ten requests at once, three servers", change: noGrace, run: races, alone: true},
		{name: "power-cut", id: "F15", engines: lite, about: "a power cut", change: onImage(""), run: powerCut},
		{name: "blind-normal", id: "F15", engines: lite, about: "a power cut with synchronous=NORMAL: must lose", change: onImage("synchronous=NORMAL"), run: powerCut, blind: true},
		{name: "blind-async", id: "F02", engines: pg, about: "PostgreSQL killed with synchronous_commit=off: must lose", change: asynchronous, run: restartDatabase(crash), blind: true},
	}
}

func hooked(p *plan) { p.hooked = true }

// slower: a flow of pages has some ten statements one after the other.
func slower(p *plan) { p.timeout = 10 * time.Second }

// patient servers have the default request_timeout.
func patient(p *plan) { p.timeout = 10 * time.Second }

func poolOfOne(p *plan) { p.settings = append(p.settings, "PASSPORT_DATABASE_MAX_CONNS=1") }

func smallDisk(p *plan) {
	p.diskSize = 24
	if p.engine == "postgres" {
		p.diskSize = 112
	}
}

func noGrace(p *plan) { p.servers, p.rules.grace = 3, 0 }

// onImage puts the database on a disk whose power can be cut, and SQLite under a setting of its own.
func onImage(pragma string) func(p *plan) {
	return func(p *plan) {
		p.image, p.diskSize, p.servers = true, 48, 1
		if pragma != "" {
			p.hooked, p.settings = true, append(p.settings, "PASSPORT_TEST_FAULT=pragma "+pragma)
		}
	}
}

func asynchronous(p *plan) {
	p.database = append(p.database, "synchronous_commit=off", "wal_writer_delay=10s")
}
