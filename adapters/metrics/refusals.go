package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gopassport/passport/domain/fault"
)

// unnamed is the reason of a refusal whose code says it all.
const unnamed = "none"

func (m *Metrics) refused() prometheus.Collector {
	m.refusals = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "passport_refusals_total", Help: "Answers that were a refusal, by the code that was answered and the reason that the log tells.",
	}, []string{"code", "reason"})
	return m.refusals
}

// Refused hears of a refusal. What a grant of somebody else's calls its own reasons is counted as other.
func (m *Metrics) Refused(code fault.Code, reason fault.Reason) {
	m.refusals.WithLabelValues(known(codes, code), known(reasons, reason)).Inc()
}

// known keeps what is listed.
func known[T ~string](listed map[T]bool, text T) string {
	switch {
	case text == "":
		return unnamed
	case listed[text]:
		return string(text)
	}
	return other
}

// codes are those that package fault names, and the one of a panic.
var codes = set(
	fault.InvalidRequest, fault.InvalidClient, fault.InvalidGrant, fault.InvalidScope, fault.InvalidTarget, fault.UnauthorizedClient,
	fault.UnsupportedGrantType, fault.UnsupportedResponseType, fault.AccessDenied, fault.TemporarilyUnavailable, fault.AuthorizationPending,
	fault.SlowDown, fault.ExpiredToken, fault.LoginRequired, fault.ConsentRequired, fault.RequestNotSupported, fault.RequestURINotSupported,
	"server_error",
)

func set[T ~string](all ...T) map[T]bool {
	s := map[T]bool{}
	for _, one := range all {
		s[one] = true
	}
	return s
}
