package sqlstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var (
	_ ports.UserFinder = (*Store)(nil)
	_ ports.UserBook   = (*Store)(nil)
)

type userRow struct {
	bun.BaseModel `bun:"table:oauth_users"`

	ID           string `bun:",pk"`
	Provider     string
	Username     string
	Name         text
	PasswordHash text
	CreatedAt    stamp
	UpdatedAt    stamp
	DisabledAt   stamp
}

// selectUser reads in the order of userRow.targets.
const selectUser = "SELECT id, provider, username, name, password_hash, created_at, updated_at, disabled_at FROM oauth_users WHERE "

func (r *userRow) targets() []any {
	return []any{&r.ID, &r.Provider, &r.Username, &r.Name, &r.PasswordHash, &r.CreatedAt, &r.UpdatedAt, &r.DisabledAt}
}

func userRowOf(u user.User) userRow {
	return userRow{
		ID: string(u.ID), Provider: u.Provider, Username: u.Username, Name: text(u.Name), PasswordHash: text(u.PasswordHash),
		CreatedAt: stampOf(u.CreatedAt), UpdatedAt: stampOf(u.UpdatedAt), DisabledAt: stampOf(u.DisabledAt),
	}
}

func (r userRow) user() user.User {
	return user.User{
		ID: user.ID(r.ID), Provider: r.Provider, Username: r.Username, Name: string(r.Name), PasswordHash: string(r.PasswordHash),
		CreatedAt: r.CreatedAt.time(), UpdatedAt: r.UpdatedAt.time(), DisabledAt: r.DisabledAt.time(),
	}
}

// FindUser implements ports.UserFinder.
func (s *Store) FindUser(ctx context.Context, id user.ID) (user.User, error) {
	return s.findUser(ctx, selectUser+userByID, id)
}

// FindUsername implements ports.UserFinder.
func (s *Store) FindUsername(ctx context.Context, provider, username string) (user.User, error) {
	return s.findUser(ctx, selectUser+userByName, provider, username)
}

const userByID, userByName = "id = $1", "provider = $1 AND username = $2"

func (s *Store) findUser(ctx context.Context, query string, keys ...any) (user.User, error) {
	var row userRow
	if err := s.look(ctx, row.targets(), query, keys...); err != nil {
		return user.User{}, s.wrap("find user", err)
	}
	return row.user(), nil
}

// AddUser implements ports.UserBook.
func (s *Store) AddUser(ctx context.Context, u user.User, entries ...audit.Entry) error {
	row := userRowOf(u)
	return s.change(ctx, "add user", func(tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		if !u.Enabled() {
			if err := leave(ctx, tx, subject.OfUser(string(u.ID)), standing{disabledAt: row.DisabledAt}); err != nil {
				return err
			}
		}
		return tell(ctx, tx, entries)
	})
}

// UpdateUser implements ports.UserBook. That the row is still the one that was read here, the conditions of the update say.
func (s *Store) UpdateUser(ctx context.Context, u user.User, was time.Time, entries ...audit.Entry) error {
	row := userRowOf(u)
	return s.change(ctx, "update user", func(tx bun.Tx) error {
		var before userRow
		if err := tx.NewSelect().Model(&before).Where("id = ?", u.ID).Scan(ctx); err != nil {
			return err
		}
		n, err := changed(tx.NewUpdate().Model(&row).Where("id = ?", u.ID).Where("updated_at IS NOT DISTINCT FROM ?", stampOf(was)).
			Where("password_hash IS NOT DISTINCT FROM ?", before.PasswordHash).Exec(ctx))
		if err != nil {
			return err
		}
		if n == 0 {
			return ports.ErrConflict
		}
		if err := follow(ctx, tx, before, row); err != nil {
			return err
		}
		return tell(ctx, tx, entries)
	})
}

// follow ends every session and every family of a person who was disabled or has another password, and leaves word for those that
// are under way. Where a person was enabled again, it takes that word back.
func follow(ctx context.Context, tx bun.Tx, before, after userRow) error {
	disabled := !after.DisabledAt.time().IsZero()
	ends := disabled || before.PasswordHash != after.PasswordHash
	if !ends && before.DisabledAt.time().IsZero() {
		return nil
	}
	who := subject.OfUser(after.ID)
	left := standing{disabledAt: after.DisabledAt}
	if ends {
		left.signedOutAt = after.UpdatedAt
	}
	if err := leave(ctx, tx, who, left); err != nil || !ends {
		return err
	}
	if _, err := endSessions(ctx, tx, "user_id = ?", after.ID); err != nil {
		return err
	}
	_, err := endFamilies(ctx, tx, after.UpdatedAt.time(), "user_id = ? AND subject_kind = ?", who.ID, who.Kind)
	return err
}

// Users implements ports.UserBook.
func (s *Store) Users(ctx context.Context, after user.ID, limit int) ([]user.User, error) {
	var rows []userRow
	if err := s.read.NewSelect().Model(&rows).Where("id > ?", after).Order("id").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, s.wrap("list users", err)
	}
	return mapped(rows, userRow.user), nil
}
