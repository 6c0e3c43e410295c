-- What a device asked for (RFC 8628). It polls: the row changes often, and no index holds what a poll changes. How often it may and when
-- it did are microseconds, for both engines reckon alike with numbers and not with times.
CREATE TABLE IF NOT EXISTS oauth_device_codes (
  hash          {{.Bytes}} NOT NULL PRIMARY KEY,
  user_code     {{.Bytes}} NOT NULL UNIQUE,
  client_id     {{.UUID}} NOT NULL,
  family_id     {{.UUID}},
  created_at    {{.Time}} NOT NULL,
  expires_at    {{.Time}} NOT NULL,
  denied_at     {{.Time}},
  poll_interval BIGINT NOT NULL,
  polled_at     BIGINT,
  too_soon      BOOLEAN NOT NULL,
  user_id       TEXT,
  source        TEXT,
  scopes        {{.JSON}},
  audience      {{.JSON}}
){{if .PG}} WITH (fillfactor = 70){{end}}
--bun:split
CREATE INDEX IF NOT EXISTS oauth_device_codes_expiry ON oauth_device_codes (expires_at)
--bun:split
CREATE INDEX IF NOT EXISTS oauth_device_codes_of_family ON oauth_device_codes (family_id) WHERE family_id IS NOT NULL
{{if .Lacks "oauth_requests" "device"}}
--bun:split
ALTER TABLE oauth_requests ADD COLUMN device {{.Bytes}}
--bun:split
ALTER TABLE oauth_requests ADD COLUMN source TEXT
{{end}}
