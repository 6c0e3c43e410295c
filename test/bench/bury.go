package main

import "context"

// graves are the tables that a purge empties, and how many of a hundred dead rows each gets. The columns are those that are NOT NULL, and
// those that a purge looks at; ago and then are times long past.
var graves = []plot{
	{
		70, "oauth_access_tokens", "id, client_id, family_id, created_at, expires_at, subject_kind, user_id",
		"{id}, {id}, {id}, {ago}, {then}, 'user', 'nobody'",
	},
	{15, "oauth_refresh_tokens", "id, client_id, created_at, expires_at, subject_kind, user_id", "{id}, {id}, {ago}, {then}, 'user', 'nobody'"},
	{
		5, "oauth_refresh_tokens", "id, client_id, created_at, expires_at, revoked_at, subject_kind, user_id",
		"{id}, {id}, {ago}, {later}, {then}, 'user', 'nobody'",
	},
	{
		10, "oauth_auth_codes", "hash, family_id, client_id, created_at, expires_at, redirect_given, user_id, redirect_uri",
		"{hash}, {id}, {id}, {ago}, {then}, FALSE, 'nobody', 'https://nobody.example/cb'",
	},
}

// bury fills a database with dead rows.
func bury(ctx context.Context, at string, dead int) error { return sow(ctx, at, graves, dead) }
