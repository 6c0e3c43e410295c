DROP TABLE IF EXISTS oauth_audit
--bun:split
DROP TABLE IF EXISTS oauth_app_keys
--bun:split
DROP TABLE IF EXISTS oauth_keys
