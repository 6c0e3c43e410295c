package main

import "context"

// fields are what a busy server's tables hold: to so many access tokens a tenth of that of families, all of them alive, as different
// clients, people and times as can be, so that no index is spared.
var fields = []plot{
	{
		100, "oauth_access_tokens", "id, client_id, family_id, created_at, expires_at, subject_kind, user_id, scopes",
		"{id}, {id}, {id}, {recently}, {soon}, 'user', {id}, {scopes}",
	},
	{
		10, "oauth_refresh_tokens", "id, client_id, created_at, expires_at, rotated_at, spent_at, generation, pepper, subject_kind, user_id, scopes",
		"{id}, {id}, {recently}, {later}, {recently}, {recently}, 3, 1, 'user', {id}, {scopes}",
	},
}

// fill fills a database with tokens.
func fill(ctx context.Context, at string, tokens int) error { return sow(ctx, at, fields, tokens) }
