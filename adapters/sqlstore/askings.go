package sqlstore

import "github.com/gopassport/passport/domain/grant"

// asking opens a request. Its arguments are the columns of the request, of which $1 is its hash and $2 its session, and how many others
// of that session stay.
type asking struct {
	session string
	args    []any
}

func askingOf(r grant.Request, keep int) *asking {
	row := requestRowOf(r)
	return &asking{row.SessionID, append(row.values(), max(keep-1, 0))}
}

const (
	// touchSession makes the requests of one browser queue, so that each sees the ones before it when it counts.
	touchSession = "UPDATE oauth_sessions SET seen_at = seen_at WHERE id = $1"

	requestArgs = 20
	// olderRequests are all but the newest; SQLite has no OFFSET without LIMIT.
	olderRequests = `SELECT hash FROM oauth_requests WHERE session_id = $2 AND decided_at IS NULL AND hash <> $1
		ORDER BY arrived_at DESC, hash LIMIT 1048576 OFFSET $21`
)

// insertRequest changes nothing where the same request was opened before.
var insertRequest = "INSERT INTO oauth_requests (" + requestColumns + ") VALUES (" + placeholders(requestArgs) + ") ON CONFLICT (hash) DO NOTHING"

// pruneRequests removes those that give way, in the words of one engine. The session is named twice, so that no database looks for them
// anywhere else.
func pruneRequests(e engine) string {
	return "DELETE FROM oauth_requests WHERE session_id = $2 AND " + e.among("hash", olderRequests)
}
