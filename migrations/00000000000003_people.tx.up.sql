CREATE TABLE IF NOT EXISTS oauth_users (
  id            {{.Key}} NOT NULL PRIMARY KEY,
  username      TEXT NOT NULL UNIQUE,
  name          TEXT,
  password_hash TEXT,
  created_at    {{.Time}},
  updated_at    {{.Time}},
  disabled_at   {{.Time}}
)
--bun:split
CREATE TABLE IF NOT EXISTS oauth_sessions (
  id         {{.Key}} NOT NULL PRIMARY KEY,
  hash       {{.Bytes}} NOT NULL UNIQUE,
  user_id    TEXT,
  auth_time  {{.Time}},
  created_at {{.Time}},
  seen_at    {{.Time}},
  expires_at {{.Time}} NOT NULL
)
--bun:split
CREATE INDEX IF NOT EXISTS oauth_sessions_of_user ON oauth_sessions (user_id) WHERE user_id IS NOT NULL
--bun:split
CREATE INDEX IF NOT EXISTS oauth_sessions_expiry ON oauth_sessions (expires_at)
--bun:split
CREATE TABLE IF NOT EXISTS oauth_requests (
  hash           {{.Bytes}} NOT NULL PRIMARY KEY,
  session_id     TEXT NOT NULL,
  client_id      {{.UUID}},
  response_type  TEXT,
  redirect_uri   TEXT,
  redirect_given BOOLEAN NOT NULL,
  state          TEXT,
  scopes         {{.JSON}},
  audience       {{.JSON}},
  challenge      TEXT,
  login_hint     TEXT,
  login          BOOLEAN NOT NULL,
  consent        BOOLEAN NOT NULL,
  max_age        BIGINT NOT NULL,
  shown_to       TEXT,
  arrived_at     {{.Time}} NOT NULL,
  expires_at     {{.Time}} NOT NULL,
  decided_at     {{.Time}}
)
--bun:split
CREATE INDEX IF NOT EXISTS oauth_requests_of_session ON oauth_requests (session_id, arrived_at)
--bun:split
CREATE INDEX IF NOT EXISTS oauth_requests_expiry ON oauth_requests (expires_at)
--bun:split
CREATE TABLE IF NOT EXISTS oauth_consents (
  user_id    TEXT NOT NULL,
  client_id  {{.UUID}} NOT NULL,
  scopes     {{.JSON}},
  created_at {{.Time}},
  updated_at {{.Time}},
  PRIMARY KEY (user_id, client_id)
)
--bun:split
-- The bucket's name may be long and may come from outside: its hash stands for it.
CREATE TABLE IF NOT EXISTS oauth_attempts (
  bucket     {{.Bytes}} NOT NULL PRIMARY KEY,
  count      BIGINT NOT NULL,
  started_at {{.Time}} NOT NULL,
  ends_at    {{.Time}} NOT NULL
)
--bun:split
CREATE INDEX IF NOT EXISTS oauth_attempts_end ON oauth_attempts (ends_at)
