-- People come in sets, and a name is taken within its set. The default one has no name, and that counts as one: it is never NULL. SQLite
-- cannot drop the constraint that a username is unique: the people move into a table without it.
{{if .Lacks "oauth_users" "provider"}}
{{if .PG}}
ALTER TABLE oauth_users ADD COLUMN provider TEXT NOT NULL DEFAULT ''
--bun:split
ALTER TABLE oauth_users DROP CONSTRAINT oauth_users_username_key
--bun:split
{{else}}
CREATE TABLE oauth_users_moved (
  id            {{.Key}} NOT NULL PRIMARY KEY,
  provider      TEXT NOT NULL DEFAULT '',
  username      TEXT NOT NULL,
  name          TEXT,
  password_hash TEXT,
  created_at    {{.Time}},
  updated_at    {{.Time}},
  disabled_at   {{.Time}}
)
--bun:split
INSERT INTO oauth_users_moved (id, username, name, password_hash, created_at, updated_at, disabled_at)
  SELECT id, username, name, password_hash, created_at, updated_at, disabled_at FROM oauth_users
--bun:split
DROP TABLE oauth_users
--bun:split
ALTER TABLE oauth_users_moved RENAME TO oauth_users
--bun:split
{{end}}
{{end}}
CREATE UNIQUE INDEX IF NOT EXISTS oauth_users_by_name ON oauth_users (provider, username)
{{if .Lacks "oauth_clients" "provider"}}
--bun:split
ALTER TABLE oauth_clients ADD COLUMN provider TEXT
--bun:split
ALTER TABLE oauth_clients ADD COLUMN first_party BOOLEAN NOT NULL DEFAULT FALSE
--bun:split
ALTER TABLE oauth_clients ADD COLUMN access_life BIGINT NOT NULL DEFAULT 0
--bun:split
ALTER TABLE oauth_clients ADD COLUMN idle_life BIGINT NOT NULL DEFAULT 0
--bun:split
ALTER TABLE oauth_clients ADD COLUMN refresh_life BIGINT NOT NULL DEFAULT 0
{{end}}
--bun:split
-- Which client stands for the personal access tokens of each set of people.
CREATE TABLE IF NOT EXISTS oauth_personal_access_clients (
  id         {{.UUID}} NOT NULL PRIMARY KEY,
  client_id  {{.UUID}} NOT NULL,
  provider   TEXT NOT NULL UNIQUE,
  created_at {{.Time}},
  updated_at {{.Time}}
)
