-- People come in sets, and a name is taken within its set. The default one has no name, and that counts as one: it is never NULL.
--
-- That a username alone is unique must go, and there is no word for it that every database has. PostgreSQL, and most that speak as it
-- does, drop the constraint and do not let its index be dropped. CockroachDB drops the index, and in most of its versions does not let
-- the constraint be dropped. SQLite can do neither: the people move into a table without it. The column comes last, for it tells that
-- this is done, and CockroachDB may commit each statement by itself.
{{if .Lacks "oauth_users" "provider"}}
{{if .PG}}
{{if .Cockroach}}
DROP INDEX IF EXISTS oauth_users@oauth_users_username_key CASCADE
{{else}}
ALTER TABLE oauth_users DROP CONSTRAINT IF EXISTS oauth_users_username_key
{{end}}
--bun:split
ALTER TABLE oauth_users ADD COLUMN provider TEXT NOT NULL DEFAULT ''
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
-- What a person registered themselves; most clients are nobody's.
CREATE INDEX IF NOT EXISTS oauth_clients_of_owner ON oauth_clients (owner_id, id) WHERE owner_id IS NOT NULL
--bun:split
-- Which client stands for the personal access tokens of each set of people.
CREATE TABLE IF NOT EXISTS oauth_personal_access_clients (
  id         {{.UUID}} NOT NULL PRIMARY KEY,
  client_id  {{.UUID}} NOT NULL,
  provider   TEXT NOT NULL UNIQUE,
  created_at {{.Time}},
  updated_at {{.Time}}
)
