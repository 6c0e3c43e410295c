package metrics

import "github.com/gopassport/passport/domain/fault"

// reasons are all that there are in this module's code; a test keeps the list whole.
var reasons = set[fault.Reason](
	"account_changed", "auth_method", "auth_missing", "auth_mixed", "auth_multiple", "authorization_repeated", "busy",
	"client_disabled", "client_public", "client_throttled", "client_unknown", "clients_throttled", "code_expired", "code_foreign",
	"code_redirect", "code_reused", "code_revoked", "code_unknown", "conflict", "content_type", "days_malformed", "device_denied",
	"device_expired", "device_foreign", "device_pending", "device_reused", "device_revoked", "device_throttled", "device_too_soon",
	"device_unknown", "ended_meanwhile", "family_expired", "family_revoked", "grant_type_missing", "grant_type_not_allowed",
	"grant_type_unknown", "greet_throttled", "login_hint_too_long", "login_throttled", "login_too_long", "login_too_old",
	"login_wrong", "max_age_malformed", "method_not_allowed", "not_found", "not_installed", "not_signed_in", "not_storable",
	"other_site", "panic", "parameter_missing", "parameter_repeated", "person_changed", "pkce_challenge", "pkce_method",
	"pkce_mismatch", "pkce_missing", "pkce_unbound", "prompt_mixed", "prompt_unknown", "provider_unknown", "query_parameters",
	"redirect_uri_mismatch", "refresh_expired", "refresh_foreign", "refresh_idle", "refresh_reuse", "refresh_revoked",
	"refresh_unknown", "replay", "request_foreign", "request_stale", "request_unknown", "resource_not_allowed",
	"response_mode_unknown", "response_type_missing", "scope_all", "scope_not_allowed", "scope_not_granted", "scope_unknown",
	"secret_mismatch", "sender_gone", "session_changed", "shed", "shutting_down", "state_too_long", "text_malformed", "timeout",
	"token_foreign", "tokens_throttled", "too_large", "too_many_parameters", "unavailable", "unreadable", "user_code_throttled",
	"user_code_unknown", "user_disabled", "user_gone",
)
