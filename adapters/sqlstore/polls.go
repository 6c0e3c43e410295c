package sqlstore

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// PollDevice implements ports.DeviceBook. While the person has not answered, a poll is one statement. Where it changed nothing there
// is nothing left to wait for, and what is there is read.
func (s *Store) PollDevice(ctx context.Context, digests []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
	if len(digests) == 0 {
		return grant.Device{}, ports.ErrNotFound
	}
	hashes := anys(digestsOf(digests))
	args := s.bind(append([]any{stampOf(at).time().UnixMicro(), string(by), stampOf(at)}, hashes...)...)
	var row deviceRow
	waits, err := s.polls.do(ctx, look{pollStatement(len(digests)), args, row.targets()})
	if err == nil && !waits || err != nil && s.malformed(err) { // what cannot be a client has no request that waits
		return s.findDevice(ctx, digests)
	}
	if err != nil {
		return grant.Device{}, s.wrap("poll device code", err)
	}
	return row.device(), nil
}

// queueOfPolls lets polls that come together share a transaction. Each of them finds what the ones before it left.
func (s *Store) queueOfPolls(patience time.Duration) *queue[look] {
	return &queue[look]{patience: patience, errands: errands[look]{
		alone: func(ctx context.Context, l look) (waits bool, err error) {
			err = s.again(ctx, func() (err error) {
				waits, err = s.poll(ctx, l)
				return err
			})
			return waits, err
		},
		together: func(ctx context.Context, all []look) ([]bool, error) { return s.pollAll(ctx, all) },
		undone:   func(error) bool { return true }, // a poll that counts twice makes a device wait longer; one that fails could make it give up
		place:    func(l look) place { return place{lock: fmt.Sprintf("%x", l.args[len(l.args)-1])} },
	}}
}

// pollStatement records a poll of a device code that waits. It reckons with the row as it finds it, so that of polls that come
// together each finds the one before. A clock that is behind does not turn back when the last poll was.
func pollStatement(digests int) string {
	const tooSoon = "polled_at + poll_interval > $1"
	slower := strconv.FormatInt(grant.SlowDownBy.Microseconds(), 10)
	return `UPDATE oauth_device_codes SET too_soon = coalesce(` + tooSoon + `, FALSE),
		poll_interval = poll_interval + CASE WHEN ` + tooSoon + ` THEN ` + slower + ` ELSE 0 END,
		polled_at = CASE WHEN polled_at > $1 THEN polled_at ELSE $1 END
		WHERE client_id = $2 AND family_id IS NULL AND denied_at IS NULL AND expires_at > $3
		AND hash IN (` + placeholdersFrom(4, digests) + `) RETURNING ` + deviceColumns
}

// selectDevice reads a device code and, where there is one, its family.
func selectDevice(e engine) string {
	return "SELECT " + deviceColumnsOfD + ", " + familyColumnsOfF + " FROM oauth_device_codes d " +
		e.beside("oauth_refresh_tokens f", familyColumnsOfF, "f.id = d.family_id") + " WHERE d.hash"
}

func (s *Store) findDevice(ctx context.Context, digests []secret.Digest) (grant.Device, error) {
	var row deviceRow
	var family familyRow
	targets := append(row.targets(), family.targets()...)
	if err := s.look(ctx, targets, amongDigests(s.texts.device, digests), anys(digestsOf(digests))...); err != nil {
		return grant.Device{}, s.found("find device code", err)
	}
	d := row.device()
	if family.ID != "" {
		d.Family = family.family()
	}
	return d, nil
}
