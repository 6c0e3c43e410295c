package architecture

// A pattern names packages: "./domain/..." is the folder domain of this module with all below it, "./adapters/*/..." each
// folder under adapters with all below that, "std" the standard library, "third" everything from elsewhere, and anything else
// is an import path, with or without "/...".

// wall says what the packages of a folder may import beside the packages of that same folder ("*" stands for one folder).
type wall struct {
	folder string
	may    []string
	never  []string            // not even if may says so
	tests  bool                // _test.go files stand behind it too, and may import what tests need
	also   map[string][]string // what some of the packages may import all the same
}

var (
	echo   = []string{"github.com/labstack/..."}
	wire   = []string{"github.com/google/wire"}
	bun    = []string{"github.com/uptrace/bun/...", "github.com/uptrace/bun"}
	sqlite = []string{"modernc.org/...", "github.com/mattn/go-sqlite3", "github.com/ncruces/..."}
	pgx    = []string{"github.com/jackc/..."}
	prom   = []string{"github.com/prometheus/..."}

	inputOutput = []string{
		"context", "crypto/rand", "database/...", "embed", "encoding/json/...", "io/fs", "io/ioutil", "log/...",
		"net", "net/http/...", "net/mail", "net/rpc/...", "net/smtp", "net/textproto", "os/...", "plugin", "syscall/...",
	}
	servers   = []string{"net/http/...", "database/sql/...", "os/..."}
	testTools = []string{"testing/...", "math/rand/..."}
)

var walls = []wall{
	{folder: "./domain/...", may: []string{"std"}, never: join(inputOutput, "math/rand/..."), tests: true},
	{folder: "./ports/...", may: []string{"./domain/...", "context", "errors", "time"}, tests: true},
	{folder: "./application/...", may: []string{"std", "./domain/...", "./ports/..."}, never: servers},
	{folder: "./application/grants/*/...", may: []string{"std", "./domain/...", "./ports/...", "./application/exchange"}},
	{
		folder: "./adapters/*/...", may: []string{"std", "./domain/...", "./ports/...", "third"},
		also: map[string][]string{
			"./adapters/httpapi/...":  {"./application/..."},
			"./adapters/cli/...":      {"./application/..."},
			"./adapters/sqlstore/...": {"./migrations"},
		},
	},
	{folder: "./adapters/guard/...", may: []string{"std", "./domain/...", "./ports/...", "third"}, never: wire},
	{folder: "./bootstrap/core/...", may: join(wire, "std", "./application/...", "./ports/...", "./domain/..."), never: servers},
	{
		folder: "./bootstrap",
		may:    join(wire, "std", "./domain/...", "./ports/...", "./application/...", "./adapters/...", "./bootstrap/core/..."),
		never:  []string{"./adapters/cli/..."},
	},
	{
		folder: "./bootstrap/cmd/*/...",
		may:    join(wire, "std", "./adapters/...", "./application/...", "./ports/...", "./bootstrap/core/..."),
	},
	{folder: "./migrations", may: []string{"embed"}},
	{folder: "./test/storagetest/...", may: contract},
	{folder: "./test/granttest/...", may: join(contract, "./application/clientauth", "./application/issue", "./application/record", "./application/roster")},
	{folder: "./test/keytest/...", may: contract},
	{
		folder: "./test/passporttest/...",
		may:    join(wire, "std", "./bootstrap/core/...", "./adapters/...", "./application/...", "./ports/...", "./domain/..."),
		never:  []string{"./adapters/cli/...", "./adapters/sqlstore/..."},
		also:   map[string][]string{"./test/passporttest/eachstore/...": {"./adapters/sqlstore/...", "./test/pgtest/..."}},
	},
	{folder: "./test/pgtest/...", may: join(pgx, "std", "github.com/testcontainers/testcontainers-go/...", "github.com/moby/moby/...")},
}

var contract = []string{"std", "./domain/...", "./ports/...", "./application/exchange"}

// order is that of the domain: each package may import those before it.
var order = []string{"fault", "secret", "scope", "client", "subject", "user", "session", "key", "grant", "audit", "token"}

// room is where alone some packages may be imported; _test.go files may import them anywhere. The floor that test/bench
// measures us against is a program of its own, of the same parts.
type room struct {
	name  string
	what  []string
	where []string
}

var rooms = []room{
	{"Echo", echo, []string{"./adapters/httpapi/...", "./adapters/guard/echoguard/...", "./test/bench/floor/...", "./test/examples/..."}},
	{"Bun", bun, []string{"./adapters/sqlstore/..."}},
	{"SQLite", sqlite, []string{"./adapters/sqlstore/...", "./test/bench/..."}},
	{"pgx", pgx, []string{"./adapters/sqlstore/...", "./test/..."}},
	{"Prometheus", prom, []string{"./adapters/metrics/..."}},
}

// wireFiles are the only files that may import Wire outside bootstrap/core.
var wireFiles = []string{"set.go", "wire.go", "wire_gen.go"}

// clocks are what no file of the domain calls or mentions: time is an argument there.
var clocks = []string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Sleep", "Tick"}

// required are the folders that there must be packages for. A wall before a folder that is neither here nor there yet waits for it.
var required = []string{
	"./domain/...", "./ports/...", "./application/...", "./application/grants/*/...",
	"./adapters/argon2/...", "./adapters/cli/...", "./adapters/guard/...", "./adapters/guard/echoguard/...", "./adapters/httpapi/...", "./adapters/keyring/...", "./adapters/memory/...", "./adapters/metrics/...",
	"./adapters/ratelimit/...", "./adapters/sqlstore/...", "./adapters/system/...",
	"./bootstrap", "./bootstrap/core/...", "./bootstrap/cmd/*/...", "./migrations",
	"./test/storagetest/...", "./test/granttest/...", "./test/pgtest/...", "./test/passporttest/...",
}

func join(a []string, b ...string) []string { return append(append([]string{}, a...), b...) }
