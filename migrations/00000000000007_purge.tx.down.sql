DROP INDEX IF EXISTS oauth_access_tokens_revoked
--bun:split
DROP INDEX IF EXISTS oauth_refresh_tokens_revoked
--bun:split
DROP INDEX IF EXISTS oauth_spent_credentials_of_family
--bun:split
DROP INDEX IF EXISTS oauth_sessions_of_nobody
--bun:split
DROP INDEX IF EXISTS oauth_access_tokens_named
{{if not (.Lacks "oauth_access_tokens" "used_at")}}
--bun:split
ALTER TABLE oauth_refresh_tokens DROP COLUMN tokens_until
--bun:split
ALTER TABLE oauth_access_tokens DROP COLUMN used_at
{{end}}
