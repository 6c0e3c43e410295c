package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
)

var journal = suite{"Journal", []contractCase{
	{"everything of an entry comes back as it was", entryComesBack, nil},
	{"entries are listed newest first and no more than asked for", newestEntriesFirst, nil},
	{"concurrent entries are all kept", entriesAtOnce, nil},
}}

func (b *bench) entriesOf(t tb, limit int) []audit.Entry {
	t.Helper()
	all, err := b.Storage.Journal.Entries(t.Context(), limit)
	must(t, "list entries", err)
	return all
}

func entryComesBack(t tb, b *bench) {
	same(t, "entries of an empty storage", len(b.entriesOf(t, 10)), 0)
	bare := audit.Entry{Kind: audit.LoginFailed, At: b.now}
	full := audit.Entry{
		Kind: odd, At: b.now.Add(time.Second), Client: client.ID(newUUID()), Subject: subject.OfUser(odd), Family: grant.ID(newUUID()),
		Object: odd, Reason: odd, Source: odd,
	}
	must(t, "append", b.Storage.Journal.Append(t.Context(), bare, full))
	same(t, "entries", b.entriesOf(t, 10), []audit.Entry{full, bare})
	must(t, "append nothing", b.Storage.Journal.Append(t.Context()))
	late := audit.Entry{Kind: audit.LoginFailed, At: elsewhere(b.now.Add(time.Minute))}
	must(t, "append", b.Storage.Journal.Append(t.Context(), late))
	stored(t, "time", b.entriesOf(t, 1)[0].At, late.At)
}

func newestEntriesFirst(t tb, b *bench) {
	var want []audit.Entry
	for n := range 6 {
		e := audit.Entry{Kind: audit.LoginFailed, At: b.now.Add(time.Duration(n) * time.Second), Reason: "failed"}
		must(t, "append", b.handle(n).Journal.Append(t.Context(), e))
		want = append([]audit.Entry{e}, want...)
	}
	same(t, "newest entries", b.entriesOf(t, 4), want[:4])
	same(t, "all entries", b.entriesOf(t, 100), want)
}

func entriesAtOnce(t tb, b *bench) {
	allWin(t, together(crowd, func(i int) error {
		return b.handle(i).Journal.Append(t.Context(), audit.Entry{Kind: audit.LoginFailed, At: b.now})
	}))
	same(t, "entries", len(b.entriesOf(t, 2*crowd)), crowd)
}
