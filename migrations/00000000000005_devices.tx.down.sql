DROP TABLE IF EXISTS oauth_device_codes
{{if not (.Lacks "oauth_requests" "device")}}
--bun:split
ALTER TABLE oauth_requests DROP COLUMN device
--bun:split
ALTER TABLE oauth_requests DROP COLUMN source
{{end}}
