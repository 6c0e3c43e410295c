-- Public halves of signing keys. The index is what keeps two processes from activating two of them.
CREATE TABLE IF NOT EXISTS oauth_keys (
  id           TEXT NOT NULL PRIMARY KEY,
  algorithm    TEXT NOT NULL,
  public_key   {{.Bytes}} NOT NULL,
  state        TEXT NOT NULL,
  created_at   {{.Time}},
  activated_at {{.Time}},
  retires_at   {{.Time}},
  seal         {{.Bytes}}
)
--bun:split
CREATE UNIQUE INDEX IF NOT EXISTS oauth_keys_one_active ON oauth_keys (state) WHERE state = 'active'
--bun:split
CREATE TABLE IF NOT EXISTS oauth_app_keys (
  version BIGINT NOT NULL PRIMARY KEY,
  sum     {{.Bytes}} NOT NULL
)
--bun:split
CREATE TABLE IF NOT EXISTS oauth_audit (
  id           {{.UUID}} NOT NULL PRIMARY KEY,
  kind         TEXT NOT NULL,
  at           {{.Time}} NOT NULL,
  client_id    TEXT,
  subject_kind TEXT,
  user_id      TEXT,
  family_id    TEXT,
  object       TEXT,
  reason       TEXT,
  source       TEXT
)
--bun:split
CREATE INDEX IF NOT EXISTS oauth_audit_newest ON oauth_audit (at, id)
