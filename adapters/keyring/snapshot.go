package keyring

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gopassport/passport/domain/key"
)

// snapshot is what the book said at a moment, made ready for use.
type snapshot struct {
	read time.Time
	keys []key.Key          // all but the retired ones, oldest first
	byID map[key.ID]key.Key // the same

	signer *signer // nil where this process cannot sign
	why    error   // and the reason

	set atomic.Pointer[keySet]
}

var errNoActive error = words("there is no active signing key")

func (r *Ring) take(ctx context.Context) (*snapshot, error) {
	keys, err := r.book.Keys(ctx)
	if err != nil {
		return nil, err
	}
	s := &snapshot{byID: make(map[key.ID]key.Key, len(keys)), why: errNoActive}
	for _, k := range keys {
		if k.State == key.Retired || !k.Genuine(r.peppers) { // what nobody with the app key made is no key
			continue
		}
		if err := sound(k); err != nil {
			return nil, err
		}
		s.keys = append(s.keys, k)
		s.byID[k.ID] = k
	}
	return s, s.appoint(r.vault)
}

// appoint finds who signs.
func (s *snapshot) appoint(v *vault) error {
	active := func(k key.Key) bool { return k.State == key.Active }
	i := slices.IndexFunc(s.keys, active)
	if i < 0 {
		return nil
	}
	if slices.ContainsFunc(s.keys[i+1:], active) {
		return words("the key book names more than one active signing key")
	}
	s.signer, s.why = v.signer(s.keys[i])
	return nil
}

// published returns a key whose signatures count at a moment.
func (s *snapshot) published(id key.ID, now time.Time) (key.Key, bool) {
	k, known := s.byID[id]
	return k, known && k.PublishedAt(now)
}

// sound refuses a row that contradicts itself, as one would that was edited by hand or by somebody else.
func sound(k key.Key) error {
	id, err := thumbprint(k.Public)
	if err != nil {
		return fmt.Errorf("signing key %.50q: %w", k.ID, err)
	}
	if id != k.ID {
		return said("signing key %.50q: its public half has another thumbprint", k.ID)
	}
	if !fits(k.Algorithm, k.Public) {
		return said("signing key %s: its public half is not one for %.20q", k.ID, k.Algorithm)
	}
	return nil
}
