package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
)

// truth is what the database says after a fault, read as it stands and not through the server.
type truth struct {
	families map[string]family
	tokens   map[string]accessRow
	codes    map[string]string // digest to family
	devices  map[string]deviceRow
	denials  int                 // that were recorded
	told     map[string][]string // family to the kinds of what was recorded with it
}

type deviceRow struct {
	family string // of what was allowed
	denied bool
}

type family struct {
	known      bool // not only the mark of an end that came first
	spent      bool
	spentBy    string // the access token that redeeming gave
	revoked    bool
	generation int64
}

type accessRow struct {
	family  string
	revoked bool
}

// read fills the truth in one snapshot.
func readTruth(ctx context.Context, db *sql.DB) (truth, error) {
	t := truth{
		families: map[string]family{}, tokens: map[string]accessRow{}, codes: map[string]string{}, devices: map[string]deviceRow{},
		told: map[string][]string{},
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelDefault})
	if err != nil {
		return t, fmt.Errorf("read the database: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, part := range []struct {
		query string
		take  func(*sql.Rows) error
	}{
		{`SELECT CAST(id AS TEXT), client_id IS NOT NULL, spent_at IS NOT NULL, coalesce(CAST(spent_by AS TEXT), ''), revoked_at IS NOT NULL,
			generation FROM oauth_refresh_tokens`, t.takeFamily},
		{`SELECT CAST(id AS TEXT), coalesce(CAST(family_id AS TEXT), ''), revoked_at IS NOT NULL FROM oauth_access_tokens`, t.takeToken},
		{`SELECT hash, CAST(family_id AS TEXT) FROM oauth_auth_codes`, t.takeCode},
		{`SELECT hash, coalesce(CAST(family_id AS TEXT), ''), denied_at IS NOT NULL FROM oauth_device_codes`, t.takeDevice},
		{`SELECT count(*) FROM oauth_audit WHERE kind = 'consent.denied'`, func(rows *sql.Rows) error { return rows.Scan(&t.denials) }},
		{`SELECT coalesce(family_id, ''), kind FROM oauth_audit`, t.takeEntry},
	} {
		if err := each(ctx, tx, part.query, part.take); err != nil {
			return t, fmt.Errorf("read the database: %w", err)
		}
	}
	return t, nil
}

func each(ctx context.Context, tx *sql.Tx, query string, take func(*sql.Rows) error) error {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t truth) takeFamily(rows *sql.Rows) error {
	var id string
	var f family
	err := rows.Scan(&id, &f.known, &f.spent, &f.spentBy, &f.revoked, &f.generation)
	t.families[id] = f
	return err
}

func (t truth) takeToken(rows *sql.Rows) error {
	var id string
	var a accessRow
	err := rows.Scan(&id, &a.family, &a.revoked)
	t.tokens[id] = a
	return err
}

func (t truth) takeCode(rows *sql.Rows) error {
	var hash []byte
	var of string
	err := rows.Scan(&hash, &of)
	t.codes[hex.EncodeToString(hash)] = of
	return err
}

func (t truth) takeDevice(rows *sql.Rows) error {
	var hash []byte
	var d deviceRow
	err := rows.Scan(&hash, &d.family, &d.denied)
	t.devices[hex.EncodeToString(hash)] = d
	return err
}

func (t truth) takeEntry(rows *sql.Rows) error {
	var of, what string
	err := rows.Scan(&of, &what)
	if of != "" {
		t.told[of] = append(t.told[of], what)
	}
	return err
}
