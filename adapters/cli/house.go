package cli

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/gopassport/passport/application/record"
)

// serve lets the server run, with housekeeping and metrics beside it for as long as anything is served: what is written down last is then
// all there was, and the storage is still open.
func (a *App) serve(ctx context.Context) error {
	leave, err := a.serveMetrics(ctx)
	if err != nil {
		return err
	}
	defer leave()
	a.warnOfLegacy(ctx)
	easeCollector()
	around, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var house sync.WaitGroup
	house.Go(func() {
		a.House.Run(around, func(doing string, err error) { a.logTrouble(around, doing, err) })
	})
	err = a.Server.Run(ctx)
	stop()
	house.Wait()
	return err
}

// serveMetrics does so until the function it returns is called. A program that was wired before there were metrics has none.
func (a *App) serveMetrics(ctx context.Context) (func(), error) {
	if a.Metrics == nil {
		return func() {}, nil
	}
	leave, err := a.Metrics.Start(ctx)
	if err != nil {
		return nil, cannotListenForMetrics(err)
	}
	return leave, nil
}

func (a *App) logTrouble(ctx context.Context, doing string, err error) {
	a.Log.WarnContext(ctx, "housekeeping failed and will be tried again", slog.String("doing", doing), slog.String("error", record.Reason(err, nil)))
}

// legacy says of each grant type that OAuth 2.1 has dropped why, and what to move to.
var legacy = map[string]string{
	"password": "OAuth 2.1 has dropped the password grant: apps see the passwords of people. Move to authorization_code.",
	"implicit": "OAuth 2.1 has dropped the implicit grant: tokens stand in addresses, histories and logs. Move to authorization_code with PKCE.",
}

func (a *App) warnOfLegacy(ctx context.Context) {
	for _, t := range a.served() {
		if why, old := legacy[t]; old {
			a.Log.WarnContext(ctx, why, slog.String("grant_type", t), slog.String("setting", "grants."+t))
		}
	}
}

// served lists the grant types that one endpoint or the other serves.
func (a *App) served() []string {
	all := slices.Clone(a.Exchange.Types())
	for _, r := range a.Responders {
		if !slices.Contains(all, r.GrantType()) {
			all = append(all, r.GrantType())
		}
	}
	return all
}
