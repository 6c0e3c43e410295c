package storagetest

var schema = suite{"Schema", []contractCase{
	{"a storage that is ready answers", answers, nil},
	{"a storage that is ready has nothing to migrate", nothingToMigrate, nil},
	{"many processes may migrate at once", migrateAtOnce, nil},
}}

func answers(t tb, b *bench) { must(t, "ping", b.Health.Ping(t.Context())) }

func nothingToMigrate(t tb, b *bench) {
	applied, err := b.Migrator.Up(t.Context())
	must(t, "migrate", err)
	same(t, "migrations applied", len(applied), 0)
	all, err := b.Migrator.Status(t.Context())
	must(t, "status", err)
	for _, m := range all {
		if m.AppliedAt.IsZero() || m.Unknown {
			t.Errorf("migration %q: got it pending or unknown; want it applied", m.Name)
		}
	}
}

func migrateAtOnce(t tb, b *bench) {
	allWin(t, together(4, func(i int) error {
		_, err := b.handle(i).Migrator.Up(t.Context())
		return err
	}))
}
