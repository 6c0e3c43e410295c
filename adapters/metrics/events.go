package metrics

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/ports"
)

// other stands for whatever is in no list.
const other = "other"

// kinds are those of package audit.
var kinds = []audit.Kind{
	audit.TokenIssued, audit.TokenRefreshed, audit.TokenRevoked, audit.PersonalTokenIssued, audit.DeviceAsked, audit.DeviceCodeGuessed,
	audit.RefreshRepeated, audit.RefreshRestored, audit.ExchangeRefused, audit.ReplayEnded, audit.FamilyRevoked, audit.OwnerRevoked,
	audit.ConsentGranted, audit.ConsentDenied, audit.ConsentWithdrawn, audit.LoginSucceeded, audit.LoginFailed, audit.LoginThrottled, audit.LoggedOut,
	audit.ClientAuthFailed, audit.ClientCreated, audit.ClientUpdated, audit.ClientDisabled, audit.ClientEnabled, audit.ClientDeleted,
	audit.PersonalClientSet, audit.ClientSecretRotated, audit.UserCreated, audit.UserPasswordChanged, audit.UserDisabled, audit.UserEnabled,
	audit.KeyGenerated, audit.KeyActivated,
}

// heard makes a counter for each kind. All of them are there from the start: that one rises from nothing is what an alert waits for.
func (m *Metrics) heard() prometheus.Collector {
	all := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "passport_events_total", Help: "What was committed, by the kind of its audit entry.",
	}, []string{"kind"})
	m.events = map[audit.Kind]prometheus.Counter{}
	for _, k := range append(kinds[:len(kinds):len(kinds)], other) {
		m.events[k] = all.WithLabelValues(string(k))
	}
	return all
}

// Listeners are to be added to a server's: none where nothing is measured.
func (m *Metrics) Listeners() []ports.Listener {
	if !m.measures {
		return nil
	}
	return []ports.Listener{m}
}

// Heard implements ports.Listener.
func (m *Metrics) Heard(_ context.Context, e audit.Entry) {
	c, known := m.events[e.Kind]
	if !known {
		c = m.events[other]
	}
	c.Inc()
}
