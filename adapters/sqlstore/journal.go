package sqlstore

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/ports"
)

var _ ports.Journal = (*Store)(nil)

type entryRow struct {
	bun.BaseModel `bun:"table:oauth_audit" json:"-"`

	ID          string `bun:",pk" json:"id"`
	Kind        string `json:"kind"`
	At          stamp  `json:"-"`
	ClientID    text   `json:"client_id,omitempty"`
	SubjectKind text   `json:"subject_kind,omitempty"`
	UserID      text   `json:"user_id,omitempty"`
	FamilyID    text   `json:"family_id,omitempty"`
	Object      text   `json:"object,omitempty"`
	Reason      text   `json:"reason,omitempty"`
	Source      text   `json:"source,omitempty"`
}

// entryColumns are written in the order of entryRow.values.
const entryColumns = "id, kind, at, client_id, subject_kind, user_id, family_id, object, reason, source"

func (r entryRow) values() []any {
	return []any{r.ID, r.Kind, r.At, r.ClientID, r.SubjectKind, r.UserID, r.FamilyID, r.Object, r.Reason, r.Source}
}

// entryRows gives entries ids that sort in the order in which they were written.
func entryRows(entries []audit.Entry) ([]entryRow, error) {
	rows := make([]entryRow, len(entries))
	for i, e := range entries {
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		rows[i] = entryRow{
			ID: id.String(), Kind: string(e.Kind), At: stampOf(e.At), ClientID: text(e.Client), SubjectKind: text(e.Subject.Kind),
			UserID: text(e.Subject.ID), FamilyID: text(e.Family), Object: text(e.Object), Reason: text(e.Reason), Source: text(e.Source),
		}
	}
	return rows, nil
}

func (r entryRow) entry() audit.Entry {
	return audit.Entry{
		Kind: audit.Kind(r.Kind), At: r.At.time(), Client: client.ID(r.ClientID),
		Subject: subject.Subject{Kind: subject.Kind(r.SubjectKind), ID: string(r.UserID)},
		Family:  grant.ID(r.FamilyID), Object: string(r.Object), Reason: string(r.Reason), Source: string(r.Source),
	}
}

// tell stores entries with the change they tell of.
func tell(ctx context.Context, db bun.IDB, entries []audit.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	rows, err := entryRows(entries)
	if err != nil {
		return err
	}
	_, err = db.NewInsert().Model(&rows).Exec(ctx)
	return err
}

// Append implements ports.Journal.
func (s *Store) Append(ctx context.Context, entries ...audit.Entry) error {
	return s.wrap("append to journal", s.again(ctx, func() error { return tell(ctx, s.write, entries) }))
}

// Entries implements ports.Journal.
func (s *Store) Entries(ctx context.Context, limit int) ([]audit.Entry, error) {
	var rows []entryRow
	if err := s.read.NewSelect().Model(&rows).OrderExpr("at DESC, id DESC").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, s.wrap("list journal", err)
	}
	return mapped(rows, entryRow.entry), nil
}

func mapped[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}
