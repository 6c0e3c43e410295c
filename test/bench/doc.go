// Command bench measures the server beside a floor: the barest Echo and pgx, or Echo and SQLite, that does the same durable work.
//
//	go run ./test/bench                                   # everything, some ten minutes
//	go run ./test/bench -only refresh -rounds 1 -span 500ms
//	go run ./test/bench -only '^sqlite/(jwks|metadata)' -conns 1,64 -json now.json
//
// # What is run
//
// The server is the binary of bootstrap/cmd/passport, as `passport serve`, over a database of its own. The floor is test/bench/floor, over
// another one in the same engine. PostgreSQL is that of -postgres, or of PASSPORT_TEST_DATABASE_URL if that one syncs, or else a cluster
// that the local initdb makes for this run, with fsync on, or else a container; which one it was is printed. Speed that a power cut takes
// back is none, so a server of tests, whose fsync is off, is passed over. SQLite is a file with synchronous=FULL. Databases that were made
// are dropped in the end. Everything listens on 127.0.0.1.
//
// Server, floor and database share one core and the load has another, where there is taskset, there are two cores, and the PostgreSQL
// was started here: -pin. Then rates are requests per second of one core for server and database together. One that somebody else runs is
// not pinned, nor is then anything else.
//
// The load is a closed loop: as many connections as -conns says, each sending its next request once it has the answer to the one before.
// It is raw TCP with requests made by hand, for it must not cost what it measures. An answer that is not the expected one ends the run:
// the status and what must be in it are checked each time. What a request needs for itself, such as a code, is prepared before, at the
// server through the same pages and endpoints that everybody uses, and not timed.
//
// # What is asked
//
//   - client_credentials, client_credentials_opaque: one client's tokens, JWTs and handles.
//   - authorization_code: the token request for a code with PKCE. Codes come from browsers that went through login and consent; since few
//     may wait for one person and one app, there are as many people and apps as it takes.
//   - refresh_token: each connection turns a chain of its own; the token must be another each time.
//   - device_poll: many devices that nobody has answered, each polling once an interval, so that none has to be told slow_down; the answer
//     is authorization_pending. A poll is a write.
//   - introspection_jwt, introspection_opaque: 64 live tokens in turn, by the client they are of; the answer must say "active":true.
//   - revocation: a live JWT each time; one of them is introspected afterwards, and must be dead.
//   - jwks, metadata: the documents.
//   - authorization_page: the consent page, in a browser for each connection where somebody is signed in. Each page is a pending request,
//     which is a write.
//   - login: the password form, in a browser for each connection. Hashing decides; at most 16 connections, since those who wait longer than
//     two seconds for their turn to hash are sent away.
//
// # What the floor does
//
// The same reads by key and the same durable work, and nothing else. It keeps its clients and its key in memory. For a token it makes one
// HMAC of the client's secret, one signature, and one commit of its own, which is one statement on PostgreSQL and one transaction on
// SQLite: never shared with another request. Before a code or a refresh token it reads that row by its key. Introspection is one read of
// the token's row joined to its family's; a JWT whose signature was good once is remembered. What may not be decided by a client as it was
// a moment ago reads the client first: a poll, which is one conditional UPDATE then; a revocation, which verifies the JWT, reads the token
// and ends it with an entry of the journal; and the authorization page, which reads the session joined to its person, reads what was
// allowed before, and inserts the request. A login is one read, one argon2id of the same cost, one UPDATE. The documents are ready bytes.
// It does not log, limit, check a second time, or send a header that HTTP does not demand.
//
// # What is printed
//
// For each operation and number of connections: the median of the rounds' rates for each side, the least and the most, median and 99th
// percentile of the latencies (the median of the rounds'), and the ratio of the server to the floor, or of another side to the server,
// which is the median of the rounds' own ratios. Rounds of all sides take turns, so that a noisy machine is noisy for all: read the ratio, and believe no difference
// that is smaller than the spread. Above that stand the time from start to the first answer and the memory before anything was asked;
// below, the most memory that a side had taken when an operation was over.
//
// -json writes all rounds, and what the machine is. -svg draws them.
//
// -filled 1000000 adds a third side: the server over tables that hold so many live access tokens and a tenth of that of families.
// -telemetry both adds one that tells everything: its log at the usual level, which goes to a file, and its metrics, events among them, on a
// listener of their own; -telemetry on lets the only one do so.
//
// -purge 1000000 tells instead what a purge of so many dead rows costs those who ask for tokens meanwhile.
package main
