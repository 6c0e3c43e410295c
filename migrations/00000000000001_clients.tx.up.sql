-- Registered clients.
CREATE TABLE IF NOT EXISTS oauth_clients (
  id               {{.UUID}} NOT NULL PRIMARY KEY,
  owner_id         TEXT,
  name             TEXT NOT NULL,
  secrets          {{.JSON}},
  auth_method      TEXT NOT NULL,
  native           BOOLEAN NOT NULL,
  redirect_uris    {{.JSON}},
  grant_types      {{.JSON}},
  every_scope      BOOLEAN NOT NULL,
  scopes           {{.JSON}},
  audience         {{.JSON}},
  serves           {{.JSON}},
  origins          {{.JSON}},
  without_pkce     BOOLEAN NOT NULL,
  without_rotation BOOLEAN NOT NULL,
  opaque_tokens    BOOLEAN NOT NULL,
  created_at       {{.Time}},
  updated_at       {{.Time}},
  disabled_at      {{.Time}},
  valid_from       {{.Time}}
)
--bun:split
CREATE INDEX IF NOT EXISTS oauth_clients_with_origins ON oauth_clients (id) WHERE origins IS NOT NULL
