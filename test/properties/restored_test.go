package properties

import (
	"context"
	"errors"

	"pgregory.net/rapid"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// restored is a refresh token that was given before the database was put back to an older state: its generation is ahead of what the
// family knows. It and those before it are made as the server made them, for the server alone has what they are made of.
func (w *world) restored(t *rapid.T) op {
	of, _ := w.refreshToken(t)
	g := w.m.families[of].generation
	p := g + rapid.IntRange(1, 3).Draw(t, "ahead")
	family := w.familyKept(t, of)
	for q := g + 1; q <= p; q++ {
		v, ok := token.NewRefresh(family, uint32(q), w.first().Peppers)
		if !ok {
			t.Fatal("a refresh token cannot be made")
		}
		w.refreshes[[2]int{of, q}] = v.Reveal()
	}
	by, n := w.sender(t, w.m.families[of].app)
	return w.turning(of, p, by, n, narrowing(t))
}

// familyKept is a family as the storage has it, found by what its first refresh token names.
func (w *world) familyKept(t *rapid.T, of int) grant.Family {
	r, ok := token.ParseRefresh(secret.Of(w.refreshes[[2]int{of, 1}]))
	if !ok {
		t.Fatalf("%q is no refresh token", w.refreshes[[2]int{of, 1}])
	}
	ratchet, err := w.first().Storage.RefreshFinder.FindRatchet(context.Background(), r.Family)
	if errors.Is(err, ports.ErrNotFound) && w.m.purged {
		t.Skip("it was purged")
	}
	if err != nil {
		t.Fatal(err)
	}
	return ratchet.Family
}
