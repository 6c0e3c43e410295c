-- Where people of two sets have the same name this fails, and changes nothing: one of them would have to go.
{{if not (.Lacks "oauth_users" "provider")}}
{{if .PG}}
DROP INDEX IF EXISTS oauth_users_by_name
--bun:split
ALTER TABLE oauth_users ADD CONSTRAINT oauth_users_username_key UNIQUE (username)
--bun:split
ALTER TABLE oauth_users DROP COLUMN provider
--bun:split
{{else}}
CREATE TABLE oauth_users_moved (
  id            {{.Key}} NOT NULL PRIMARY KEY,
  username      TEXT NOT NULL UNIQUE,
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
{{if not (.Lacks "oauth_clients" "provider")}}
ALTER TABLE oauth_clients DROP COLUMN provider
--bun:split
ALTER TABLE oauth_clients DROP COLUMN first_party
--bun:split
ALTER TABLE oauth_clients DROP COLUMN access_life
--bun:split
ALTER TABLE oauth_clients DROP COLUMN idle_life
--bun:split
ALTER TABLE oauth_clients DROP COLUMN refresh_life
--bun:split
{{end}}
DROP INDEX IF EXISTS oauth_clients_of_owner
--bun:split
DROP TABLE IF EXISTS oauth_personal_access_clients
