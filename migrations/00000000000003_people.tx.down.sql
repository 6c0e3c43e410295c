DROP TABLE IF EXISTS oauth_attempts
--bun:split
DROP TABLE IF EXISTS oauth_consents
--bun:split
DROP TABLE IF EXISTS oauth_requests
--bun:split
DROP TABLE IF EXISTS oauth_sessions
--bun:split
DROP TABLE IF EXISTS oauth_users
