package storagetest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

var keys = suite{"Keys", []contractCase{
	{"everything of a key of every algorithm comes back as it was", keysComeBack, nil},
	{"times of a key come back in UTC and whole microseconds", keyTimes, nil},
	{"a taken key ID is not taken again", keyTaken, nil},
	{"keys are listed oldest first", keysListed, nil},
	{"an activated key is active and the one before is retiring", keyActivated, nil},
	{"only the next key is activated", onlyNextIsActivated, nil},
	{"of many concurrent activations of one key one wins", activationHasOneWinner, nil},
	{"many concurrent activations never show two active keys", neverTwoActive, nil},
}}

var appKeys = suite{"AppKeys", []contractCase{
	{"a check value comes back as it was", appKeyComesBack, nil},
	{"a check value is stored once however often it is added", appKeyOnce, nil},
}}

// aKey is a new signing key of the default algorithm.
func (b *bench) aKey(t tb) key.Key {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, "generate key", err)
	return key.Key{ID: key.ID(newUUID()), Algorithm: key.ES256, State: key.Next, Public: private.Public(), CreatedAt: b.now, Seal: secret.Digest{1, 2, 3}}
}

func (b *bench) key(t tb) key.Key {
	t.Helper()
	k := b.aKey(t)
	must(t, "add key", b.KeyBook.AddKey(t.Context(), k))
	return k
}

func (b *bench) findKey(t tb, id key.ID) key.Key {
	t.Helper()
	all, err := b.KeyBook.Keys(t.Context())
	must(t, "list keys", err)
	i := slices.IndexFunc(all, func(k key.Key) bool { return k.ID == id })
	if i < 0 {
		t.Fatalf("key %q: got none; want it listed", id)
	}
	return all[i]
}

func (b *bench) activate(t tb, h ports.Storage, id key.ID) error {
	return h.KeyBook.ActivateKey(t.Context(), id, b.now.Add(time.Minute), b.now.Add(time.Hour))
}

func keysComeBack(t tb, b *bench) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, "generate RSA key", err)
	edKey, _, err := ed25519.GenerateKey(rand.Reader)
	must(t, "generate Ed25519 key", err)
	for a, public := range map[key.Algorithm]crypto.PublicKey{
		key.ES256: b.aKey(t).Public, key.EdDSA: edKey, key.RS256: rsaKey.Public(), key.PS256: rsaKey.Public(),
	} {
		k := key.Key{ID: key.ID(odd + string(a)), Algorithm: a, State: key.Next, Public: public, CreatedAt: b.now}
		must(t, "add key", b.KeyBook.AddKey(t.Context(), k))
		same(t, "key", b.findKey(t, k.ID), k)
	}
}

func keyTimes(t tb, b *bench) {
	k := b.aKey(t)
	k.CreatedAt = elsewhere(b.now)
	must(t, "add key", b.KeyBook.AddKey(t.Context(), k))
	at, end := elsewhere(b.now.Add(time.Minute)), elsewhere(b.now.Add(time.Hour))
	must(t, "activate", b.KeyBook.ActivateKey(t.Context(), k.ID, at, end))
	must(t, "activate another", b.KeyBook.ActivateKey(t.Context(), b.key(t).ID, at, end))
	got := b.findKey(t, k.ID)
	stored(t, "creation", got.CreatedAt, k.CreatedAt)
	stored(t, "activation", got.ActivatedAt, at)
	stored(t, "retirement", got.RetiresAt, end)
}

func keyTaken(t tb, b *bench) {
	k := b.key(t)
	other := b.aKey(t)
	other.ID = k.ID
	refused(t, "add", b.KeyBook.AddKey(t.Context(), other), ports.ErrExists)
	same(t, "key", b.findKey(t, k.ID), k)
}

func keysListed(t tb, b *bench) {
	all, err := b.KeyBook.Keys(t.Context())
	must(t, "list keys", err)
	same(t, "keys of an empty storage", len(all), 0)
	var want []key.ID
	for _, n := range []int{3, 1, 2} {
		k := b.aKey(t)
		k.CreatedAt = b.now.Add(time.Duration(n) * time.Second)
		must(t, "add key", b.KeyBook.AddKey(t.Context(), k))
		want = append(want, k.ID)
	}
	all, err = b.KeyBook.Keys(t.Context())
	must(t, "list keys", err)
	var got []key.ID
	for _, k := range all {
		got = append(got, k.ID)
	}
	same(t, "keys", got, []key.ID{want[1], want[2], want[0]})
}

func keyActivated(t tb, b *bench) {
	first, second := b.key(t), b.key(t)
	must(t, "activate", b.activate(t, b.Storage, first.ID))
	first.State, first.ActivatedAt = key.Active, b.now.Add(time.Minute)
	same(t, "active key", b.findKey(t, first.ID), first)
	same(t, "next key", b.findKey(t, second.ID), second)
	must(t, "activate the next", b.activate(t, b.Storage, second.ID))
	first.State, first.RetiresAt = key.Retiring, b.now.Add(time.Hour)
	second.State, second.ActivatedAt = key.Active, b.now.Add(time.Minute)
	same(t, "retiring key", b.findKey(t, first.ID), first)
	same(t, "active key", b.findKey(t, second.ID), second)
}

func onlyNextIsActivated(t tb, b *bench) {
	first, second := b.key(t), b.key(t)
	refused(t, "activate an unknown key", b.activate(t, b.Storage, "unknown"), ports.ErrNotFound)
	must(t, "activate", b.activate(t, b.Storage, first.ID))
	refused(t, "activate the active key", b.activate(t, b.Storage, first.ID), ports.ErrConflict)
	must(t, "activate the next", b.activate(t, b.Storage, second.ID))
	refused(t, "activate a retiring key", b.activate(t, b.Storage, first.ID), ports.ErrConflict)
	same(t, "state", b.findKey(t, first.ID).State, key.Retiring)
	same(t, "state", b.findKey(t, second.ID).State, key.Active)
}

func activationHasOneWinner(t tb, b *bench) {
	must(t, "activate", b.activate(t, b.Storage, b.key(t).ID))
	k := b.key(t)
	oneWins(t, together(20, func(i int) error { return b.activate(t, b.handle(i), k.ID) }), ports.ErrConflict)
	same(t, "state", b.findKey(t, k.ID).State, key.Active)
}

func (b *bench) countActive(t tb, h ports.Storage) (int, error) {
	all, err := h.KeyBook.Keys(t.Context())
	n := 0
	for _, k := range all {
		if k.State == key.Active {
			n++
		}
	}
	return n, err
}

func neverTwoActive(t tb, b *bench) {
	next := make([]key.ID, 8)
	for i := range next {
		next[i] = b.key(t).ID
	}
	seen := make([]int, 2*len(next))
	errs := together(2*len(next), func(i int) (err error) {
		if i%2 == 0 {
			return b.activate(t, b.handle(i/2), next[i/2])
		}
		seen[i], err = b.countActive(t, b.handle(i/2))
		return err
	})
	for i, err := range errs {
		if err != nil {
			refused(t, "activate among others", err, ports.ErrConflict)
		}
		if seen[i] > 1 {
			t.Errorf("active keys seen: got %d; want at most 1", seen[i])
		}
	}
	n, err := b.countActive(t, b.Storage)
	must(t, "list keys", err)
	same(t, "active keys afterwards", n, 1)
}

func appKeyComesBack(t tb, b *bench) {
	none, err := b.AppKeyBook.AppKeys(t.Context())
	must(t, "list app keys", err)
	same(t, "app keys of an empty storage", len(none), 0)
	low := key.Check{Version: 1, Sum: newDigest()}
	high := key.Check{Version: ^secret.Version(0), Sum: newDigest()}
	for _, c := range []key.Check{low, high} {
		must(t, "add app key", b.AppKeyBook.AddAppKey(t.Context(), c))
	}
	got, err := b.AppKeyBook.AppKeys(t.Context())
	must(t, "list app keys", err)
	slices.SortFunc(got, func(x, y key.Check) int { return int(int64(x.Version) - int64(y.Version)) })
	same(t, "app keys", got, []key.Check{low, high})
}

func appKeyOnce(t tb, b *bench) {
	c := key.Check{Version: 7, Sum: newDigest()}
	allWin(t, together(20, func(i int) error { return b.handle(i).AppKeyBook.AddAppKey(t.Context(), c) }))
	got, err := b.AppKeyBook.AppKeys(t.Context())
	must(t, "list app keys", err)
	same(t, "app keys", got, []key.Check{c})
}
