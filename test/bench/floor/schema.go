package main

import "strings"

// schema is the least that the same promises need. Times are microseconds.
const schema = `
CREATE TABLE IF NOT EXISTS floor_clients (id TEXT NOT NULL PRIMARY KEY, disabled_at BIGINT);
CREATE TABLE IF NOT EXISTS floor_families (
	id UUID NOT NULL PRIMARY KEY, client_id TEXT NOT NULL, user_id TEXT NOT NULL, scope TEXT NOT NULL, generation BIGINT NOT NULL DEFAULT 0,
	rotated_at BIGINT, spent_at BIGINT, revoked_at BIGINT, expires_at BIGINT NOT NULL) ROOM;
CREATE INDEX IF NOT EXISTS floor_families_expiry ON floor_families (expires_at);
CREATE TABLE IF NOT EXISTS floor_codes (
	hash BYTES NOT NULL PRIMARY KEY, family_id UUID NOT NULL, challenge TEXT NOT NULL, expires_at BIGINT NOT NULL);
CREATE INDEX IF NOT EXISTS floor_codes_expiry ON floor_codes (expires_at);
CREATE TABLE IF NOT EXISTS floor_access (
	id UUID NOT NULL PRIMARY KEY, family_id UUID, client_id TEXT NOT NULL, user_id TEXT NOT NULL, scope TEXT NOT NULL, hash BYTES,
	created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, revoked_at BIGINT);
CREATE UNIQUE INDEX IF NOT EXISTS floor_access_opaque ON floor_access (hash) WHERE hash IS NOT NULL;
CREATE INDEX IF NOT EXISTS floor_access_expiry ON floor_access (expires_at);
CREATE TABLE IF NOT EXISTS floor_devices (
	hash BYTES NOT NULL PRIMARY KEY, family_id UUID, polled_at BIGINT, pause BIGINT NOT NULL, expires_at BIGINT NOT NULL) ROOM;
CREATE TABLE IF NOT EXISTS floor_users (id UUID NOT NULL PRIMARY KEY, username TEXT NOT NULL UNIQUE, password BYTES NOT NULL);
CREATE TABLE IF NOT EXISTS floor_consents (id TEXT NOT NULL PRIMARY KEY, scope TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS floor_audit (id UUID NOT NULL PRIMARY KEY, kind TEXT NOT NULL, at BIGINT NOT NULL, client_id TEXT NOT NULL, object TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS floor_sessions (
	id UUID NOT NULL PRIMARY KEY, hash BYTES NOT NULL UNIQUE, user_id TEXT, expires_at BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS floor_requests (
	hash BYTES NOT NULL PRIMARY KEY, session_id UUID NOT NULL, client_id TEXT NOT NULL, scope TEXT NOT NULL, challenge TEXT NOT NULL,
	state TEXT NOT NULL, expires_at BIGINT NOT NULL);
CREATE INDEX IF NOT EXISTS floor_requests_expiry ON floor_requests (expires_at)`

// tables are the statements of the schema in the words of an engine.
func tables(pg bool) []string {
	words := strings.NewReplacer("UUID", "TEXT", "BYTES", "BLOB", "ROOM", "")
	if pg {
		words = strings.NewReplacer("BYTES", "BYTEA", "ROOM", "WITH (fillfactor = 70)")
	}
	return strings.Split(words.Replace(schema), ";")
}
