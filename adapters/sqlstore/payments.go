package sqlstore

import (
	"time"

	"github.com/gopassport/passport/domain/token"
)

// payment is the conditional statement that decides whether an issuance may be: it changes one row, or none where the price
// cannot be paid. Its placeholders go on where those of the access token end: $1 is the token, $7 its family, $13 the
// token's end: should it come after the family's, the family must be kept so long.
type payment struct {
	sql  string
	args []any
}

// payments are the statements that pay with a family that is there, in the words of one engine.
type payments struct {
	hold, redeem, redeemAndStart, turn, turnAgain, keep string

	clockArg func() any
	graceArg func(grace time.Duration) any
}

// newPayments writes them around the engine's clock, whose argument is $15, and its test of whether the last turn is within the
// grace, whose argument is $18.
//
// A step moves a family that has not reached its generation; the turn that was last may be answered again within the grace.
// Without grace there is no such branch at all: "since no time ago" would let in a process whose clock is slow.
func newPayments(clock, withinGrace string) payments {
	const (
		living  = " WHERE id = $7 AND revoked_at IS NULL AND expires_at > $14"
		unspent = living + " AND spent_at IS NULL"
		started = living + " AND generation >= 1"
		outlive = `UPDATE oauth_refresh_tokens SET tokens_until = CASE WHEN $13 > expires_at AND (tokens_until IS NULL OR tokens_until < $13)
			THEN $13 ELSE tokens_until END`
		redeem  = outlive + ", spent_at = $14, spent_by = $1"
		rotate  = outlive + ", rotated_at = "
		unknown = " AND NOT EXISTS (SELECT 1 FROM oauth_access_tokens WHERE id = $1)"
	)
	turn := rotate + "CASE WHEN generation <= $16 THEN " + clock + " ELSE rotated_at END, generation = $17" + started
	return payments{
		hold:           outlive + living,
		redeem:         redeem + unspent,
		redeemAndStart: redeem + ", generation = 1, rotated_at = " + clock + unspent,
		turn:           turn + " AND generation <= $16",
		turnAgain:      turn + " AND (generation <= $16 OR generation = $17 AND " + withinGrace + ")",
		keep:           rotate + clock + started + " AND generation = $16" + unknown,
	}
}

// of picks the payment of an issuance.
func (p payments) of(i token.Issuance) payment {
	at := stampOf(i.At)
	switch {
	case i.Steps == nil && i.Spends == nil:
		return payment{p.hold, []any{at}}
	case i.Steps == nil && i.Starts:
		return payment{p.redeemAndStart, []any{at, p.clockArg()}}
	case i.Steps == nil:
		return payment{p.redeem, []any{at}}
	case i.Steps.Keep:
		return payment{p.keep, []any{at, p.clockArg(), int64(i.Steps.From)}}
	}
	args := []any{at, p.clockArg(), int64(i.Steps.From), int64(i.Steps.From) + 1}
	if i.Steps.Grace <= 0 {
		return payment{p.turn, args}
	}
	return payment{p.turnAgain, append(args, p.graceArg(i.Steps.Grace))}
}
