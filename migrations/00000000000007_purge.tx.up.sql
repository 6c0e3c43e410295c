-- What a purge looks for. Ordinary tokens, and families while they live, are in none of these indexes and pay for none.
CREATE INDEX IF NOT EXISTS oauth_access_tokens_revoked ON oauth_access_tokens (revoked_at) WHERE revoked_at IS NOT NULL
--bun:split
-- The end of a family that nobody stored yet has no client. It is kept until it expires.
CREATE INDEX IF NOT EXISTS oauth_refresh_tokens_revoked ON oauth_refresh_tokens (revoked_at)
  WHERE revoked_at IS NOT NULL AND client_id IS NOT NULL
--bun:split
CREATE INDEX IF NOT EXISTS oauth_spent_credentials_of_family ON oauth_spent_credentials (family_id)
--bun:split
-- Sessions that nobody signed in with go sooner than those of people, who would be in the way of the search.
CREATE INDEX IF NOT EXISTS oauth_sessions_of_nobody ON oauth_sessions (expires_at) WHERE user_id IS NULL
--bun:split
-- The list of a person's personal access tokens, the newest first.
CREATE INDEX IF NOT EXISTS oauth_access_tokens_named ON oauth_access_tokens (user_id, created_at, id) WHERE name IS NOT NULL
{{if .Lacks "oauth_access_tokens" "used_at"}}
--bun:split
-- Until when an access token lives that outlives its family. None that this server issues does.
ALTER TABLE oauth_refresh_tokens ADD COLUMN tokens_until {{.Time}}
--bun:split
ALTER TABLE oauth_access_tokens ADD COLUMN used_at {{.Time}}
{{end}}
