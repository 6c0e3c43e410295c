package passporttest

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/ports"
)

type tappedKeyBook struct {
	next    ports.KeyBook
	between Between
}

// Keys implements ports.KeyBook.
func (t tappedKeyBook) Keys(ctx context.Context) ([]key.Key, error) {
	return asked(ctx, t.between, Call{"KeyBook", "Keys"}, func() ([]key.Key, error) { return t.next.Keys(ctx) })
}

// AddKey implements ports.KeyBook.
func (t tappedKeyBook) AddKey(ctx context.Context, k key.Key, entries ...audit.Entry) error {
	return t.between(ctx, Call{"KeyBook", "AddKey"}, func() error { return t.next.AddKey(ctx, k, entries...) })
}

// ActivateKey implements ports.KeyBook.
func (t tappedKeyBook) ActivateKey(ctx context.Context, id key.ID, at, retiresAt time.Time, entries ...audit.Entry) error {
	return t.between(ctx, Call{"KeyBook", "ActivateKey"}, func() error { return t.next.ActivateKey(ctx, id, at, retiresAt, entries...) })
}

type tappedAppKeyBook struct {
	next    ports.AppKeyBook
	between Between
}

// AppKeys implements ports.AppKeyBook.
func (t tappedAppKeyBook) AppKeys(ctx context.Context) ([]key.Check, error) {
	return asked(ctx, t.between, Call{"AppKeyBook", "AppKeys"}, func() ([]key.Check, error) { return t.next.AppKeys(ctx) })
}

// AddAppKey implements ports.AppKeyBook.
func (t tappedAppKeyBook) AddAppKey(ctx context.Context, c key.Check) error {
	return t.between(ctx, Call{"AppKeyBook", "AddAppKey"}, func() error { return t.next.AddAppKey(ctx, c) })
}

type tappedJournal struct {
	next    ports.Journal
	between Between
}

// Append implements ports.Journal.
func (t tappedJournal) Append(ctx context.Context, entries ...audit.Entry) error {
	return t.between(ctx, Call{"Journal", "Append"}, func() error { return t.next.Append(ctx, entries...) })
}

// Entries implements ports.Journal.
func (t tappedJournal) Entries(ctx context.Context, limit int) ([]audit.Entry, error) {
	return asked(ctx, t.between, Call{"Journal", "Entries"}, func() ([]audit.Entry, error) { return t.next.Entries(ctx, limit) })
}

type tappedPurger struct {
	next    ports.Purger
	between Between
}

// Purge implements ports.Purger.
func (t tappedPurger) Purge(ctx context.Context, w ports.Waste) (ports.Purged, error) {
	return asked(ctx, t.between, Call{"Purger", "Purge"}, func() (ports.Purged, error) { return t.next.Purge(ctx, w) })
}

type tappedMigrator struct {
	next    ports.Migrator
	between Between
}

// Up implements ports.Migrator.
func (t tappedMigrator) Up(ctx context.Context) ([]string, error) {
	return asked(ctx, t.between, Call{"Migrator", "Up"}, func() ([]string, error) { return t.next.Up(ctx) })
}

// Down implements ports.Migrator.
func (t tappedMigrator) Down(ctx context.Context) (string, error) {
	return asked(ctx, t.between, Call{"Migrator", "Down"}, func() (string, error) { return t.next.Down(ctx) })
}

// Status implements ports.Migrator.
func (t tappedMigrator) Status(ctx context.Context) ([]ports.Migration, error) {
	return asked(ctx, t.between, Call{"Migrator", "Status"}, func() ([]ports.Migration, error) { return t.next.Status(ctx) })
}

type tappedHealth struct {
	next    ports.Health
	between Between
}

// Ping implements ports.Health.
func (t tappedHealth) Ping(ctx context.Context) error {
	return t.between(ctx, Call{"Health", "Ping"}, func() error { return t.next.Ping(ctx) })
}
