-- One row per family, born at approval. A refresh token is a generation of it, so a rotation changes this row and no other: no
-- index holds generation or rotated_at, and pages keep room for the new version of a row. Only id, revoked_at and expires_at are
-- set in a row that was written to end a family nobody had stored yet.
CREATE TABLE IF NOT EXISTS oauth_refresh_tokens (
  id           {{.UUID}} NOT NULL PRIMARY KEY,
  client_id    {{.UUID}},
  spent_by     {{.UUID}},
  created_at   {{.Time}},
  expires_at   {{.Time}} NOT NULL,
  auth_time    {{.Time}},
  spent_at     {{.Time}},
  rotated_at   {{.Time}},
  revoked_at   {{.Time}},
  generation   BIGINT NOT NULL DEFAULT 0,
  pepper       BIGINT NOT NULL DEFAULT 0,
  salt         {{.Bytes}},
  subject_kind TEXT,
  user_id      TEXT,
  scopes       {{.JSON}},
  audience     {{.JSON}},
  claims       {{.JSON}}
){{if .PG}} WITH (fillfactor = 70){{end}}
--bun:split
CREATE INDEX IF NOT EXISTS oauth_refresh_tokens_of_client ON oauth_refresh_tokens (client_id) WHERE revoked_at IS NULL
--bun:split
CREATE INDEX IF NOT EXISTS oauth_refresh_tokens_of_subject ON oauth_refresh_tokens (user_id, client_id) WHERE revoked_at IS NULL
--bun:split
CREATE INDEX IF NOT EXISTS oauth_refresh_tokens_expiry ON oauth_refresh_tokens (expires_at)
--bun:split
-- Where births and ends of a resource owner's families meet, and what an end leaves for births that come after it.
CREATE TABLE IF NOT EXISTS oauth_subjects (
  kind          TEXT NOT NULL,
  id            TEXT NOT NULL,
  signed_out_at {{.Time}},
  disabled_at   {{.Time}},
  PRIMARY KEY (kind, id)
){{if .PG}} WITH (fillfactor = 70){{end}}
--bun:split
CREATE TABLE IF NOT EXISTS oauth_auth_codes (
  hash           {{.Bytes}} NOT NULL PRIMARY KEY,
  family_id      {{.UUID}} NOT NULL,
  client_id      {{.UUID}} NOT NULL,
  created_at     {{.Time}} NOT NULL,
  expires_at     {{.Time}} NOT NULL,
  redirect_given BOOLEAN NOT NULL,
  user_id        TEXT NOT NULL,
  redirect_uri   TEXT NOT NULL,
  challenge      TEXT
)
--bun:split
CREATE INDEX IF NOT EXISTS oauth_auth_codes_waiting ON oauth_auth_codes (user_id, client_id, created_at)
--bun:split
CREATE INDEX IF NOT EXISTS oauth_auth_codes_expiry ON oauth_auth_codes (expires_at)
--bun:split
CREATE TABLE IF NOT EXISTS oauth_access_tokens (
  id           {{.UUID}} NOT NULL PRIMARY KEY,
  client_id    {{.UUID}} NOT NULL,
  family_id    {{.UUID}},
  created_at   {{.Time}} NOT NULL,
  expires_at   {{.Time}} NOT NULL,
  auth_time    {{.Time}},
  revoked_at   {{.Time}},
  subject_kind TEXT NOT NULL,
  user_id      TEXT NOT NULL,
  hash         {{.Bytes}},
  name         TEXT,
  scopes       {{.JSON}},
  audience     {{.JSON}},
  claims       {{.JSON}}
)
--bun:split
CREATE UNIQUE INDEX IF NOT EXISTS oauth_access_tokens_opaque ON oauth_access_tokens (hash) WHERE hash IS NOT NULL
--bun:split
CREATE INDEX IF NOT EXISTS oauth_access_tokens_expiry ON oauth_access_tokens (expires_at)
--bun:split
-- Credentials of others' making that were redeemed. Without an expiry they are kept as long as their family.
CREATE TABLE IF NOT EXISTS oauth_spent_credentials (
  kind       TEXT NOT NULL,
  hash       {{.Bytes}} NOT NULL,
  family_id  {{.UUID}} NOT NULL,
  expires_at {{.Time}},
  PRIMARY KEY (kind, hash)
)
--bun:split
CREATE INDEX IF NOT EXISTS oauth_spent_credentials_expiry ON oauth_spent_credentials (expires_at)
