package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
)

// Over gives a store other migrations.
func (s *Store) Over(files fs.FS) { s.files = files }

// Counted counts what a store asks of its database.
type Counted struct {
	Commits atomic.Int32 // tries to commit an issuance by itself
	Batches atomic.Int32 // tries to commit some together
	Looks   atomic.Int32 // other statements, but for those of SQLite's commit
}

// Count begins to count.
func (s *Store) Count() *Counted {
	c := &Counted{}
	s.engine = countedEngine{s.engine, c}
	s.write = s.write.WithQueryHook(countedLooks{c})
	return c
}

type countedEngine struct {
	engine
	*Counted
}

func (e countedEngine) commit(ctx context.Context, d deed) (bool, error) {
	e.Commits.Add(1)
	return e.engine.commit(ctx, d)
}

func (e countedEngine) commitAll(ctx context.Context, all []deed) ([]bool, error) {
	e.Batches.Add(1)
	return e.engine.commitAll(ctx, all)
}

type countedLooks struct{ *Counted }

func (c countedLooks) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	c.Looks.Add(1)
	return ctx
}

func (countedLooks) AfterQuery(context.Context, *bun.QueryEvent) {}

// CommitAlone commits as a request does that meets no other.
func (s *Store) CommitAlone(ctx context.Context, i token.Issuance) error {
	_, err := s.alone(ctx, deed{issuance: i})
	return err
}

// Gate keeps commits by themselves, and batches, from the database until they are let through.
type Gate struct {
	engine
	Alone, Batch chan struct{} // closed, they let through
	Undone       chan error    // what became of batches that failed
}

// Gate puts one before the database of a store, which has to be idle. Nobody leads before time any more, and counting begins anew.
func (s *Store) Gate() *Gate {
	g := &Gate{s.engine, make(chan struct{}), make(chan struct{}), make(chan error, 100)}
	s.engine, s.queue, s.polls = g, s.deeds(0), s.queueOfPolls(0)
	return g
}

// WaitForRows makes batches wait for rows as long as it takes.
func (s *Store) WaitForRows() { s.engine.(*postgres).rowPatience = "0" }

func (g *Gate) commit(ctx context.Context, d deed) (bool, error) {
	<-g.Alone
	return g.engine.commit(ctx, d)
}

func (g *Gate) poll(ctx context.Context, l look) (bool, error) {
	<-g.Alone
	return g.engine.poll(ctx, l)
}

func (g *Gate) commitAll(ctx context.Context, all []deed) ([]bool, error) {
	<-g.Batch
	paid, err := g.engine.commitAll(ctx, all)
	if err != nil {
		g.Undone <- err
	}
	return paid, err
}

// Waiting is how many commits wait for somebody to lead.
func (s *Store) Waiting() int {
	s.queue.mu.Lock()
	defer s.queue.mu.Unlock()
	return len(s.queue.waiting)
}

// GateLooks keeps whoever looks something up by themselves, on PostgreSQL, from the database until the function it returns is called.
// Nobody leads before time any more, and counting begins anew.
func (s *Store) GateLooks() (open func()) {
	e, gate := s.engine.(*postgres), make(chan struct{})
	e.looks = e.newLooks()
	e.looks.patience = 0
	e.looks.alone = func(ctx context.Context, l look) (bool, error) {
		<-gate
		return e.lookAlone(ctx, l)
	}
	return func() { close(gate) }
}

// LooksWaiting is how many look-ups wait for somebody to lead.
func (s *Store) LooksWaiting() int {
	looks := s.engine.(*postgres).looks
	looks.mu.Lock()
	defer looks.mu.Unlock()
	return len(looks.waiting)
}

// PollsWaiting is how many polls wait for somebody to lead.
func (s *Store) PollsWaiting() int {
	s.polls.mu.Lock()
	defer s.polls.mu.Unlock()
	return len(s.polls.waiting)
}

// Planned is a statement as the database is asked to plan it.
type Planned struct {
	SQL  string
	Args []any
}

// Plans are the statements of devices, lists and purges.
func (s *Store) Plans(at time.Time) map[string]Planned {
	id := "00000000-0000-4000-8000-000000000001"
	used, usedArgs := s.usedStatement([]token.ID{token.ID(id)}, map[token.ID]time.Time{token.ID(id): at})
	one := []secret.Digest{{1}}
	plans := map[string]Planned{
		"poll":            {pollStatement(1), s.bind(at.UnixMicro(), id, stampOf(at), digest{1})},
		"find device":     {amongDigests(s.texts.device, one), s.bind(digest{1})},
		"find client":     {selectClient, s.bind(id)},
		"find code":       {amongDigests(s.texts.code, one), s.bind(digest{1})},
		"find ratchet":    {s.texts.ratchet, s.bind(id, s.clockArg())},
		"find access":     {s.texts.access + accessByID, s.bind(id)},
		"find opaque":     {amongDigests(s.texts.access+accessByHash, one), s.bind(digest{1})},
		"find session":    {amongDigests(selectSession, one), s.bind(digest{1})},
		"find request":    {amongDigests(selectRequest, one), s.bind(digest{1})},
		"find user":       {selectUser + userByID, s.bind("somebody")},
		"find username":   {selectUser + userByName, s.bind("", "somebody")},
		"find consent":    {selectConsent, s.bind("somebody", id)},
		"personal tokens": {listPersonal, s.bind("somebody", stampOf(at), 10)},
		"families":        {newestFamilies, s.bind("somebody", "user", stampOf(at), 10)},
		"more families":   {familiesAfter, s.bind("somebody", "user", stampOf(at), 10, stampOf(at), id)},
		"clients of":      {ownedBy(s.read, "somebody", 10).Model((*clientRow)(nil)).String(), nil},
		"mark used":       {s.write.NewRaw(used, usedArgs...).String(), nil},
	}
	for kind, d := range deeds(at, id) {
		if e, ok := s.engine.(*postgres); ok {
			all, err := e.statements(d)
			if err != nil {
				panic(err)
			}
			for n, one := range all {
				plans[kind+" "+strconv.Itoa(n)] = Planned{one.text, s.bind(one.args...)}
			}
			continue
		}
		p := s.engine.(*sqlite).plan(d)
		for n, step := range p.all() {
			plans[kind+" "+strconv.Itoa(n)] = Planned{step, p.args}
		}
	}
	for _, rows := range allWaste {
		name := "purge " + rows.table + " by " + rows.since
		if rows.brief {
			name += " soon"
		}
		plans[name] = Planned{s.write.NewRaw(s.deleteStatement(rows, 2000), stampOf(at)).String(), nil}
	}
	return plans
}

// deeds are one for each statement that a deed may be.
func deeds(at time.Time, id string) map[string]deed {
	entries := []audit.Entry{{Kind: audit.TokenRevoked, At: at}}
	all := map[string]deed{
		"end access": {ends: accessEnding(id, at, entries)}, "end family": {ends: familyEnding(id, at, entries)},
		"ask": {asks: askingOf(grant.Request{Session: "somebody", ArrivedAt: at, ExpiresAt: at}, 20)},
	}
	for kind, i := range issuances(at, id) {
		all["commit "+kind] = deed{issuance: i}
	}
	return all
}

// issuances are one for each statement that a commit may be.
func issuances(at time.Time, id string) map[string]token.Issuance {
	access := token.Access{ID: token.ID(id), Client: client.ID(id), Family: grant.ID(id), IssuedAt: at, ExpiresAt: at.Add(time.Hour)}
	family := grant.Family{ID: access.Family, Client: access.Client, CreatedAt: at, ExpiresAt: access.ExpiresAt}
	spend := &grant.Spend{Kind: "otp", Digest: secret.Digest{1}}
	own := access
	own.Family = ""
	all := map[string]token.Issuance{
		"own":              {Access: own},
		"hold":             {Access: access},
		"redeem":           {Access: access, Spends: spend},
		"redeem and start": {Access: access, Spends: spend, Starts: true},
		"turn":             {Access: access, Steps: &grant.Step{From: 1}},
		"turn again":       {Access: access, Steps: &grant.Step{From: 1, Grace: time.Second}},
		"keep":             {Access: access, Steps: &grant.Step{From: 1, Keep: true}},
		"open":             {Access: access, Opens: &family},
		"open and spend":   {Access: access, Opens: &family, Spends: spend, Starts: true},
	}
	for kind, i := range maps.Clone(all) {
		i.At, i.Entries = at, []audit.Entry{{Kind: audit.RefreshRestored, At: at}}
		all[kind] = i
		i.ClientAsOf = at
		all[kind+" as of"] = i
	}
	return all
}

// Explain returns the database's plan.
func (s *Store) Explain(ctx context.Context, p Planned) (plan []string, err error) {
	explain := "EXPLAIN QUERY PLAN "
	if s.types().PG {
		explain = "EXPLAIN "
	}
	rows, err := s.write.DB.QueryContext(ctx, explain+p.SQL, p.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	for err == nil && rows.Next() {
		line := make([]any, len(columns))
		for i := range line {
			line[i] = new(any)
		}
		err = rows.Scan(line...)
		plan = append(plan, fmt.Sprint(*line[len(line)-1].(*any)))
	}
	return plan, errors.Join(err, rows.Err())
}

// Do runs statements as they are.
func (s *Store) Do(ctx context.Context, statements ...string) error {
	for _, q := range statements {
		if _, err := s.write.DB.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	return nil
}

// Indexes are the definitions of a table's indexes, but for those that SQLite makes by itself.
func (s *Store) Indexes(ctx context.Context, table string) (all []string, err error) {
	list := "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?"
	if s.types().PG {
		list = "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexdef NOT LIKE '%_pkey ON %' AND tablename = ?"
	}
	return all, s.read.NewRaw(list, table).Scan(ctx, &all)
}
