DROP TABLE IF EXISTS oauth_spent_credentials
--bun:split
DROP TABLE IF EXISTS oauth_access_tokens
--bun:split
DROP TABLE IF EXISTS oauth_auth_codes
--bun:split
DROP TABLE IF EXISTS oauth_subjects
--bun:split
DROP TABLE IF EXISTS oauth_refresh_tokens
